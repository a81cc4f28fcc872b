using Shipper.Records;

namespace Shipper.Checkpoints;

/// <summary>
/// A position in a container's log file, one offset for each output: all lines of that output that begin below it are
/// done with. Two are needed because a part of a stdout line can wait for its end while later lines of stderr
/// are long delivered. Reading starts at the smaller and passes over what lies below its own.
/// </summary>
/// <param name="Stdout">Bytes of uncompressed content from the start of the file.</param>
/// <param name="Stderr">The same for the other output.</param>
internal readonly record struct Offsets(long Stdout, long Stderr)
{
    /// <summary>Where reading starts.</summary>
    public long Min => Math.Min(Stdout, Stderr);

    /// <summary>From here on no line is done with.</summary>
    public long Max => Math.Max(Stdout, Stderr);

    /// <summary>Both outputs at the same place.</summary>
    public static Offsets Both(long offset) => new(offset, offset);

    /// <summary>The same, but nothing behind the end of a file.</summary>
    public Offsets UpTo(long end) => new(Math.Min(Stdout, end), Math.Min(Stderr, end));

    /// <summary>The offset of one output.</summary>
    public long this[LogOutput output] => output == LogOutput.Stdout ? Stdout : Stderr;
}
