namespace Shipper.Processing.Assembling;

/// <summary>The place of a line in its file.</summary>
/// <param name="Start">Offset of the line.</param>
/// <param name="End">Offset of the next line.</param>
internal readonly record struct LineRange(long Start, long End)
{
    /// <summary>Length of the line in the file in bytes, including header and newline.</summary>
    public long Bytes => End - Start;
}
