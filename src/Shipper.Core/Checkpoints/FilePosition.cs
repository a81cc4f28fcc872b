using Shipper.Records;

namespace Shipper.Checkpoints;

/// <summary>
/// A position in a log file, with one offset for each output: lines of that output that begin before the offset have been processed. Two offsets are needed
/// because a partial stdout line may wait for its rest while later stderr lines have already been delivered. Reading starts at the smaller offset and skips
/// lines of the other output before its offset.
/// </summary>
/// <param name="Stdout">Bytes of uncompressed content from the start of the file.</param>
/// <param name="Stderr">Bytes of uncompressed content from the start of the file.</param>
internal readonly record struct FilePosition(long Stdout, long Stderr)
{
    /// <summary>The offset at which reading starts.</summary>
    public long Min => Math.Min(Stdout, Stderr);

    /// <summary>The offset after which no line of either output has been processed.</summary>
    public long Max => Math.Max(Stdout, Stderr);

    /// <summary>Creates a position with the same offset for both outputs.</summary>
    public static FilePosition Both(long offset) => new(offset, offset);

    /// <summary>Limits both offsets to the end of a file.</summary>
    public FilePosition LimitedTo(long end) => new(Math.Min(Stdout, end), Math.Min(Stderr, end));

    /// <summary>Returns the offset of one output.</summary>
    public long this[LogOutput output] => output == LogOutput.Stdout ? Stdout : Stderr;
}
