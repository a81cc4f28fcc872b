namespace Shipper.Processing;

/// <summary>What to do with a line that is longer than the largest line size.</summary>
internal enum LongLines
{
    /// <summary>Cut it, and mark it as truncated.</summary>
    Truncate,

    /// <summary>Skip it, and count it as dropped.</summary>
    Skip,
}
