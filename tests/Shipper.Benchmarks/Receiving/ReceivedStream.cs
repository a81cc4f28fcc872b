namespace Shipper.Benchmarks.Receiving;

/// <summary>The state of one stream.</summary>
internal sealed class ReceivedStream
{
    /// <summary>The file of the first line of the stream; -1 before it.</summary>
    public int File { get; set; } = -1;

    /// <summary>The highest line number so far; -1 before the first line.</summary>
    public long Highest { get; set; } = -1;

    /// <summary>The same for the lines that a rule may drop.</summary>
    public long HighestDroppable { get; set; } = -1;
}
