namespace Shipper.Tailing.Streams;

/// <summary>What is sent as it is because nothing was written to a log for some time.</summary>
internal enum QuietFlush : byte
{
    /// <summary>Nothing: more may come.</summary>
    None,

    /// <summary>Groups of complete lines, after <see cref="Processing.Assembling.LineGroup.MaxWait"/>.</summary>
    Groups,

    /// <summary>Incomplete lines, too, after <see cref="Processing.Assembling.PartialLine.MaxWait"/>.</summary>
    Everything,
}
