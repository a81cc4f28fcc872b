using Shipper.Records;

namespace Shipper.Checkpoints;

/// <summary>
/// A position in a log file, with one offset for each output: all lines of that output that begin before its offset are done. Two offsets are needed
/// because part of a stdout line can wait for the rest of the line while later stderr lines are long delivered. Reading starts at the smaller offset and
/// skips the lines of the other output before its own offset.
/// </summary>
/// <param name="Stdout">Bytes of uncompressed content from the start of the file.</param>
/// <param name="Stderr">The same for stderr.</param>
internal readonly record struct Offsets(long Stdout, long Stderr)
{
    /// <summary>The offset at which reading starts.</summary>
    public long Min => Math.Min(Stdout, Stderr);

    /// <summary>The offset from which on no line is done.</summary>
    public long Max => Math.Max(Stdout, Stderr);

    /// <summary>Creates a position with the same offset for both outputs.</summary>
    public static Offsets Both(long offset) => new(offset, offset);

    /// <summary>Limits both offsets to the end of a file.</summary>
    public Offsets UpTo(long end) => new(Math.Min(Stdout, end), Math.Min(Stderr, end));

    /// <summary>The offset of one output.</summary>
    public long this[LogOutput output] => output == LogOutput.Stdout ? Stdout : Stderr;
}
