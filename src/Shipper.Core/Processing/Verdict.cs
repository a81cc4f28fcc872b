namespace Shipper.Processing;

/// <summary>What a <see cref="Stage"/> decides of a record.</summary>
internal enum Verdict : byte
{
    /// <summary>It goes on to the next stage.</summary>
    Keep,

    /// <summary>It is not sent, and counted.</summary>
    Drop,
}
