using Shipper.Tailing;

namespace Shipper.Batching;

/// <summary>
/// The records of one stream that follow each other in a batch, and what their acknowledgement means.
/// </summary>
/// <remarks>Owned by its batch, which reuses it.</remarks>
internal sealed class Run
{
    /// <summary>The stream.</summary>
    public LogStream Stream { get; private set; } = null!;

    /// <summary>What its records are sent with.</summary>
    public StreamAttributes Attributes { get; private set; } = null!;

    /// <summary>The batch it is in.</summary>
    public Batch Batch { get; private set; } = null!;

    /// <summary>The next run in the batch with the same stream and attributes.</summary>
    public Run? Next { get; set; }

    /// <summary>True where another run has it as its <see cref="Next"/>.</summary>
    public bool IsContinuation { get; private set; }

    /// <summary>Where the run begins in the batch.</summary>
    public int Start { get; private set; }

    /// <summary>Where its records begin, behind the labels.</summary>
    public int EntriesStart => Start + PushRequestWriter.StreamHeaderBytes + Attributes.Labels.Encoded.Length;

    /// <summary>True where its stream was refused: its records go back to the source.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Where it ends.</summary>
    public int End { get; set; }

    /// <summary>Number of records; 0 where lines were passed over and only the position moves.</summary>
    public int Records { get; set; }

    /// <summary>True where its records may be in Loki already: they were on their way when the agent was ended, or went in part.</summary>
    public bool IsLeftOpen { get; set; }

    /// <summary>Own time of the first record, in nanoseconds since 1970.</summary>
    public long FirstRawNs { get; set; }

    /// <summary>The time that lines without one of their own have, in nanoseconds since 1970.</summary>
    public long BaseNs { get; set; }

    /// <summary>The stream's clock behind the last record.</summary>
    public StreamClock Clock { get; set; }

    /// <summary>How many of its records tell of a loss: as many of the checkpoint's, from the oldest on, are done with when it is acknowledged.</summary>
    public int Losses { get; set; }

    /// <summary>Positions behind the last record.</summary>
    public List<Mark> Marks { get; } = [];

    /// <summary>What of the stream was passed over on the way there.</summary>
    public List<Drop> Drops { get; } = [];

    /// <summary>How many records were read to make it: those that it has, but for those that tell of a loss, and those that were passed over.</summary>
    public long ReadRecords => Records - Losses + Drops.Sum(static drop => drop.Records);

    /// <summary>How many of its records were dropped after they were read, by reason.</summary>
    public List<(string Reason, int Records)> Refused { get; } = [];

    public void Begin(Batch batch, LogStream stream, StreamAttributes attributes, int start)
    {
        Batch = batch;
        Stream = stream;
        Attributes = attributes;
        Start = start;
        End = start;
        Next = null;
        IsRemoved = false;
        IsContinuation = false;
        IsLeftOpen = false;
        BaseNs = 0;
        if (stream.LastRun is { } last && last.Batch == batch && last.Attributes == attributes)
        {
            last.Next = this;
            IsContinuation = true;
        }

        stream.LastRun = this;
        stream.UnansweredRuns++;
        Records = 0;
        FirstRawNs = 0;
        Losses = 0;
        Clock = stream.Clock;
        Marks.Clear();
        Drops.Clear();
        Refused.Clear();
    }
}
