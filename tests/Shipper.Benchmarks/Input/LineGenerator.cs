namespace Shipper.Benchmarks.Input;

/// <summary>Generates the lines of one file in CRI format. The lines are the same in each run. Not thread-safe.</summary>
internal abstract class LineGenerator
{
    /// <summary>Upper bound of the bytes of a line.</summary>
    public const int MaxLineBytes = 512;

    /// <summary>Number of lines generated, without those that a rule may drop.</summary>
    public long Count { get; protected set; }

    /// <summary>Number of lines generated that a rule may drop.</summary>
    public long DroppableCount { get; protected set; }

    /// <summary>Generates the next line.</summary>
    /// <param name="to">Receives the line; has at least <see cref="MaxLineBytes"/>.</param>
    /// <param name="time">The timestamp of the container runtime.</param>
    /// <param name="writtenUs">The value of <see cref="LineMark.WrittenUs"/>.</param>
    /// <returns>Number of bytes of the line.</returns>
    public abstract int Write(Span<byte> to, DateTime time, long writtenUs);
}
