using Shipper.Tailing;

namespace Shipper.Batching;

/// <summary>
/// The records of one stream that follow each other in a batch, and what their acknowledgement means.
/// </summary>
/// <remarks>Owned by its batch, which reuses it.</remarks>
internal sealed class Run
{
    /// <summary>The stream.</summary>
    public TailedStream Stream { get; private set; } = null!;

    /// <summary>Where the run begins in the batch.</summary>
    public int Start { get; private set; }

    /// <summary>Number of records; 0 where lines were passed over and only the position moves.</summary>
    public int Records { get; set; }

    /// <summary>Own time of the first record, in nanoseconds since 1970.</summary>
    public long FirstRawNs { get; set; }

    /// <summary>The stream's clock behind the last record.</summary>
    public StreamClock Clock { get; set; }

    /// <summary>Positions behind the last record.</summary>
    public List<Mark> Marks { get; } = [];

    public void Begin(TailedStream stream, int start)
    {
        Stream = stream;
        Start = start;
        Records = 0;
        FirstRawNs = 0;
        Clock = stream.Clock;
        Marks.Clear();
    }
}
