namespace Shipper.Processing;

/// <summary>What becomes of a line that is longer than the largest to send.</summary>
internal enum LongLines
{
    /// <summary>It is cut and marked.</summary>
    Truncate,

    /// <summary>It is left out and counted.</summary>
    Skip,
}
