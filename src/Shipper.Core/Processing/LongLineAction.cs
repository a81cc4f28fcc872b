namespace Shipper.Processing;

/// <summary>What to do with a line that is longer than the maximum line size.</summary>
internal enum LongLineAction
{
    /// <summary>Truncate it, and mark it as truncated.</summary>
    Truncate,

    /// <summary>Skip it, and count it as dropped.</summary>
    Skip,
}
