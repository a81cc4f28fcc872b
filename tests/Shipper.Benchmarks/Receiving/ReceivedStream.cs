namespace Shipper.Benchmarks.Receiving;

/// <summary>What is known of one stream.</summary>
internal sealed class ReceivedStream
{
    /// <summary>The file that its first line came from; -1 before.</summary>
    public int File { get; set; } = -1;

    /// <summary>The highest number of its lines; -1 before.</summary>
    public long Highest { get; set; } = -1;
}
