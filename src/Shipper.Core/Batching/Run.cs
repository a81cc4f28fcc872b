using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Batching;

/// <summary>Consecutive records of one stream in a batch, and what their acknowledgement changes.</summary>
/// <remarks>Owned by its batch, which reuses it.</remarks>
internal sealed class Run
{
    public LogStream Stream { get; private set; } = null!;

    /// <summary>The attributes that its records are sent with.</summary>
    public StreamAttributes Attributes { get; private set; } = null!;

    public Batch Batch { get; private set; } = null!;

    /// <summary>The next run in the batch with the same stream and attributes.</summary>
    public Run? Next { get; set; }

    /// <summary>True if the run is the <see cref="Next"/> of another one.</summary>
    public bool IsContinuation { get; private set; }

    /// <summary>Where the run begins in the batch's bytes.</summary>
    public int Start { get; private set; }

    /// <summary>Where its records begin, after the labels.</summary>
    public int EntriesStart => Start + PushRequestWriter.StreamHeaderBytes + Attributes.Labels.Encoded.Length;

    /// <summary>True if Loki refused its stream: the source will read the records again.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Where the run ends in the batch's bytes.</summary>
    public int End { get; set; }

    /// <summary>Number of records; 0 if no line is sent and only the position moves.</summary>
    public int Records { get; set; }

    /// <summary>
    /// True if Loki may already have some of the records: they were in flight when the agent was killed, or their stream was refused after a part of it was
    /// stored.
    /// </summary>
    public bool IsUnconfirmed { get; set; }

    /// <summary>Own time of the first record, in nanoseconds since 1970.</summary>
    public long FirstOwnNs { get; set; }

    /// <summary>The time of lines without a timestamp, in nanoseconds since 1970.</summary>
    public long BaseNs { get; set; }

    /// <summary>The stream's clock after the last record.</summary>
    public StreamClock Clock { get; set; }

    /// <summary>The window that gave its records their times: the same for all runs of a stream in a batch.</summary>
    public TimeWindow Window { get; set; }

    /// <summary>The window of the records that Loki accepted before the rest of the stream in the batch got another window; null if there are none.</summary>
    public TimeWindow? StoredWindow { get; set; }

    /// <summary>
    /// The time that <see cref="Window"/> gave to the last moved record of the stream in the batch; <see cref="StreamClock.None"/> if none was moved.
    /// </summary>
    public long LastMovedNs { get; set; }

    /// <summary>The time that the last moved record of this run got; null if none was moved.</summary>
    public long? MovedToNs { get; set; }

    /// <summary>True if the records would get other times with another window, so that the checkpoint must have this one.</summary>
    public bool DependsOnWindow { get; set; }

    /// <summary>Number of records with a time other than their own.</summary>
    public RetimedRecords Retimed { get; set; }

    /// <summary>Number of records that are sent without their structured metadata.</summary>
    public int RecordsWithoutMetadata { get; set; }

    /// <summary>
    /// True if its only record reports a loss: the oldest loss in the checkpoint that no earlier run reports. The run does not affect the times and the window
    /// of the other records.
    /// </summary>
    public bool IsLossReport { get; set; }

    /// <summary>True if the run ends at a mark of the batch.</summary>
    public bool HasMark { get; set; }

    /// <summary>Number of records that were read and dropped on the way to the marks of the run.</summary>
    public long DroppedRecords { get; set; }

    /// <summary>Number of records that were read for the run, dropped ones included. A report of a loss was not read.</summary>
    public long ReadRecords => (IsLossReport ? 0 : Records) + DroppedRecords;

    /// <summary>Number of its records that were dropped after Loki refused them, by reason, with Loki's words.</summary>
    public List<(string Reason, int Records, string Message)> DroppedAfterRefusal { get; } = [];

    /// <summary>Gives its next record a time that Loki accepts.</summary>
    /// <param name="sentNs">The time that the record would have been sent with.</param>
    /// <returns>The time to send the record with.</returns>
    public long Move(long sentNs)
    {
        long movedNs = IsLossReport ? Window.Move(sentNs, StreamClock.None) - 1 : Window.Move(sentNs, LastMovedNs);
        LastMovedNs = IsLossReport ? LastMovedNs : movedNs;
        MovedToNs = movedNs;
        return movedNs;
    }

    /// <summary>Initializes a new or reused run.</summary>
    /// <param name="window">The window of its records' times.</param>
    /// <param name="start">Where the run begins in the batch's bytes.</param>
    /// <param name="previous">The previous run of the stream in the batch, whose window applies to this one; null if there is none.</param>
    public void Begin(Batch batch, LogStream stream, StreamAttributes attributes, in TimeWindow window, int start, Run? previous)
    {
        Batch = batch;
        Stream = stream;
        Attributes = attributes;
        Start = start;
        End = start;
        Next = null;
        IsRemoved = false;
        IsContinuation = false;
        IsUnconfirmed = false;
        BaseNs = 0;
        Window = previous?.Window ?? window.MovingAfter(stream.LastMovedNs);
        LastMovedNs = previous?.LastMovedNs ?? StreamClock.None;
        StoredWindow = null;
        DependsOnWindow = false;
        MovedToNs = null;
        IsLossReport = false;
        Retimed = default;
        if (stream.LastRun is { } last && last.Batch == batch && last.Attributes == attributes)
        {
            last.Next = this;
            IsContinuation = true;
        }

        stream.LastRun = this;
        stream.RunsInBatches++;
        Records = 0;
        FirstOwnNs = 0;
        RecordsWithoutMetadata = 0;
        Clock = stream.Clock;
        HasMark = false;
        DroppedRecords = 0;
        DroppedAfterRefusal.Clear();
    }
}
