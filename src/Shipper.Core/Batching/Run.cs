using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Telemetry;

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

    /// <summary>Which times its records were given: the same for all runs of a stream in a batch.</summary>
    public TimeWindow Window { get; set; }

    /// <summary>The window of the records that Loki took before the rest of the stream in the batch got another one; null if there are none.</summary>
    public TimeWindow? StoredWindow { get; set; }

    /// <summary>The time that the last record of the stream in the batch was moved to by <see cref="Window"/>; <see cref="StreamClock.None"/> if none was.</summary>
    public long LastMovedNs { get; set; }

    /// <summary>The time that the last record of this run was moved to; null if none was.</summary>
    public long? MovedToNs { get; set; }

    /// <summary>True if the records would have other times with another window, so that this one must be known after a crash.</summary>
    public bool DependsOnWindow { get; set; }

    /// <summary>How many records got another time than their own.</summary>
    public RetimedRecords Retimed { get; set; }

    /// <summary>How many records are sent without their structured metadata.</summary>
    public int BareRecords { get; set; }

    /// <summary>
    /// True if its only record reports a loss: the oldest in the checkpoint that no earlier run reports. It does not affect the times and the window of the other
    /// records.
    /// </summary>
    public bool IsLoss { get; set; }

    /// <summary>True if a mark of the batch stands behind the run.</summary>
    public bool HasMark { get; set; }

    /// <summary>How many records were read and dropped on the way to the marks behind the run.</summary>
    public long DroppedRecords { get; set; }

    /// <summary>How many records were read for it, dropped ones included. A report of a loss was not read.</summary>
    public long ReadRecords => (IsLoss ? 0 : Records) + DroppedRecords;

    /// <summary>How many of its records were dropped after they were read, by reason.</summary>
    public List<(string Reason, int Records)> Refused { get; } = [];

    /// <summary>Gives its next record a time that Loki takes.</summary>
    /// <param name="sentNs">The time that it would have been sent with.</param>
    /// <returns>The time to send it with.</returns>
    public long Move(long sentNs)
    {
        long movedNs = IsLoss ? Window.Move(sentNs, StreamClock.None) - 1 : Window.Move(sentNs, LastMovedNs);
        LastMovedNs = IsLoss ? LastMovedNs : movedNs;
        MovedToNs = movedNs;
        return movedNs;
    }

    /// <param name="batch">The batch.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="attributes">What its records are sent with.</param>
    /// <param name="window">Which times its records may have.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="previous">The run of the stream whose window it goes on with; null if there is none.</param>
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
        IsLeftOpen = false;
        BaseNs = 0;
        Window = previous?.Window ?? window.Behind(stream.LastMovedNs);
        LastMovedNs = previous?.LastMovedNs ?? StreamClock.None;
        StoredWindow = null;
        DependsOnWindow = false;
        MovedToNs = null;
        IsLoss = false;
        Retimed = default;
        if (stream.LastRun is { } last && last.Batch == batch && last.Attributes == attributes)
        {
            last.Next = this;
            IsContinuation = true;
        }

        stream.LastRun = this;
        stream.UnansweredRuns++;
        Records = 0;
        FirstRawNs = 0;
        BareRecords = 0;
        Clock = stream.Clock;
        HasMark = false;
        DroppedRecords = 0;
        Refused.Clear();
    }
}
