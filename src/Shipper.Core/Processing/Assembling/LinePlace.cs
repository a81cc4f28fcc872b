namespace Shipper.Processing.Assembling;

/// <summary>Where a line stands in its file.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where the next one begins.</param>
internal readonly record struct LinePlace(long Start, long End)
{
    /// <summary>Bytes that it takes, header and newline included.</summary>
    public long Bytes => End - Start;
}
