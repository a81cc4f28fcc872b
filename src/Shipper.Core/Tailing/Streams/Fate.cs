using Shipper.Telemetry;

namespace Shipper.Tailing.Streams;

/// <summary>What became of the file of a generation, apart from where it is. A later fate replaces an earlier one.</summary>
internal enum Fate : byte
{
    /// <summary>Nothing happened to it. If it has no file any more, that was deleted.</summary>
    Whole,

    /// <summary>It was truncated: what was not read yet may live on in a copy.</summary>
    Truncated,

    /// <summary>The open file was let go because too much was held: what was not read yet may live on compressed.</summary>
    LetGo,

    /// <summary>What was not read of it was given up: whatever name it gets, it is not opened again.</summary>
    GivenUp,
}

/// <summary>What a <see cref="Fate"/> means.</summary>
internal static class Fates
{
    /// <summary>Why bytes of a generation are lost that has no file any more, one of <see cref="LossReasons"/>.</summary>
    public static string LossReason(this Fate fate) => fate switch
    {
        Fate.Truncated => LossReasons.Truncated,
        Fate.LetGo => LossReasons.HeldBytes,
        _ => LossReasons.Deleted,
    };
}
