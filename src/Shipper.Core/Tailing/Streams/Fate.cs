using Shipper.Telemetry;

namespace Shipper.Tailing.Streams;

/// <summary>What happened to the file of a generation, apart from moves. A later fate replaces an earlier one.</summary>
internal enum Fate : byte
{
    /// <summary>Nothing happened. If the generation no longer has a file, the file was deleted.</summary>
    Intact,

    /// <summary>The file was truncated; its unread content may still exist in a copy.</summary>
    Truncated,

    /// <summary>The open file was released because too many bytes were held. Its unread content may still exist in a compressed file.</summary>
    Released,

    /// <summary>The unread content was given up. The file is not opened again, even under another name.</summary>
    GivenUp,
}

/// <summary>Extensions of <see cref="Fate"/>.</summary>
internal static class FateExtensions
{
    /// <summary>Returns the reason for the loss of a generation's bytes when its file is gone: one of <see cref="LossReasons"/>.</summary>
    public static string LossReason(this Fate fate) => fate switch
    {
        Fate.Truncated => LossReasons.Truncated,
        Fate.Released => LossReasons.HeldBytes,
        _ => LossReasons.Deleted,
    };
}
