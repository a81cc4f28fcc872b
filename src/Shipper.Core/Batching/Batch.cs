using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Native;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Batching;

/// <summary>
/// One push request in the making, in one linear buffer that is allocated once: runs of entries, each behind the labels of
/// its stream. When it is sealed nothing changes any more until it is cleared.
/// </summary>
/// <remarks>Owned by a lane, which has two: one is filled while the other is under way. Not safe for concurrent use.</remarks>
internal sealed class Batch
{
    /// <summary>Room for the labels of a stream: 15 names and values of the largest lengths Loki accepts.</summary>
    private const int MaxLabelBytes = 48 * 1024;

    private readonly byte[] _buffer;
    private readonly AcceptedTimes? _times;
    private readonly long _size;
    private readonly BatchRuns _runs;
    private readonly List<SourceMark> _marks = [];
    private int _length;
    private bool _isSealed;

    // The open run, and what there was before it was begun or went on.
    private Run? _open;
    private TimeWindow _window;
    private long _latestNs;
    private (int Length, int RunRecords, int Records, StreamClock Clock, long LastMovedNs, RetimedRecords Retimed, int BareRecords) _before;

    /// <param name="options">When the batch is complete.</param>
    /// <param name="maxLineBytes">The largest line that will be appended.</param>
    /// <param name="times">Which times Loki takes; null: any.</param>
    public Batch(BatchOptions options, int maxLineBytes, AcceptedTimes? times = null)
    {
        _times = times;
        _runs = new BatchRuns(this);
        _size = options.Size;
        _buffer = GC.AllocateUninitializedArray<byte>(Capacity(options, maxLineBytes));
    }

    /// <summary>Records in the batch.</summary>
    public int Records { get; private set; }

    /// <summary>True where nothing was appended and no position moved.</summary>
    public bool IsEmpty => _runs.Count == 0 && _marks.Count == 0;

    /// <summary>True where no further record is to be appended.</summary>
    public bool IsFull => _isSealed || _length >= _size;

    /// <summary>True if records may be in Loki already.</summary>
    public bool HasLeftOpen => _runs.HasLeftOpen;

    /// <summary>When the last run was begun, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it.</summary>
    public long BegunAt { get; private set; }

    /// <summary>The encoded runs, in the order in which they were filled.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>The runs, in the order of their bytes.</summary>
    public ReadOnlySpan<Run> Runs => _runs.All;

    /// <summary>How far the source has come, in the order of reading.</summary>
    public ReadOnlySpan<SourceMark> Marks => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_marks);

    /// <summary>
    /// Own time of the oldest run's first record, in nanoseconds since 1970; <see cref="long.MaxValue"/> without records. Times of a clock that was never set don't count.
    /// </summary>
    public long OldestNs => _runs.OldestNs;

    /// <summary>The newest time by which the records were ordered, in nanoseconds since 1970; <see cref="StreamClock.None"/> without records. Records that are too far in
    /// the future for Loki don't count. The times that records were moved to are those of their runs: <see cref="Run.MovedToNs"/>.</summary>
    public long NewestNs { get; private set; } = StreamClock.None;

    /// <summary>The most bytes that a batch with these options can take.</summary>
    public static int Capacity(BatchOptions options, int maxLineBytes) =>
        checked((int)options.Size + maxLineBytes + PushRequestWriter.MaxEntryOverheadBytes + PushRequestWriter.StreamHeaderBytes + MaxLabelBytes);

    /// <summary>Upper bound of a request with some of the records, in bytes.</summary>
    public int MaxRequestBytes => _buffer.Length;

    /// <summary>True if the records are written without structured metadata; to be set while the batch is empty.</summary>
    public bool OmitsMetadata { get; set; }

    /// <summary>The time that was given to the lines of a stream which have none of their own; null where the batch has none of it.</summary>
    public long? BaseOf(LogStream stream) => stream.LastRun is { } run && run.Batch == this ? run.BaseNs : null;

    /// <summary>
    /// The window for the records that are read next: the one that the batch already uses for their stream. Records that may be in Loki already get the window that they
    /// were sent with.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="isLeftOpen">True if its records may be in Loki already.</param>
    public TimeWindow WindowFor(LogStream stream, bool isLeftOpen) =>
        _runs.FindLast(stream)?.Window ?? (isLeftOpen ? stream.Checkpoint.SentWindow ?? TimeWindow.Unbounded : _times?.WindowOf(stream) ?? TimeWindow.Unbounded);

    /// <summary>Begins a run; if the last one belongs to the same stream, that one goes on.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="attributes">What its records are sent with.</param>
    /// <param name="window">Which times its records may have. If the batch has records of the stream already, their window is used instead.</param>
    /// <param name="now">The present, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it.</param>
    /// <param name="baseNs">The time of lines that have none of their own.</param>
    /// <param name="isLeftOpen">True if its records may be in Loki already.</param>
    /// <param name="isLoss">True if its record tells of a loss. It has a run of its own.</param>
    public void BeginRun(LogStream stream, StreamAttributes attributes, in TimeWindow window, long now = 0, long baseNs = 0, bool isLeftOpen = false, bool isLoss = false)
    {
        BegunAt = now;
        if (_runs.Last is { IsRemoved: false, IsLoss: false } last && !isLoss
            && last.Stream == stream && last.Attributes == attributes && last.BaseNs == baseNs && last.IsLeftOpen == isLeftOpen)
        {
            _open = last;
        }
        else
        {
            // Before a run is added: it may be one of an earlier batch that is reused.
            Run? previous = isLoss ? null : _runs.FindLast(stream);
            _open = _runs.Add();
            _open.Begin(this, stream, attributes, in window, _length, previous);
            _open.BaseNs = baseNs;
            _open.IsLeftOpen = isLeftOpen;
            _open.IsLoss = isLoss;
        }

        _window = _open.Window;
        _latestNs = Math.Min(_window.ToNs, _window.NewestToNs);
        _before = (_length, _open.Records, Records, stream.Clock, _open.LastMovedNs, _open.Retimed, _open.BareRecords);
        if (_open.Records == 0)
        {
            _length += PushRequestWriter.BeginStream(_buffer.AsSpan(_length), attributes.Labels.Encoded);
        }
    }

    /// <summary>Appends a record to the open run. The batch must not have been full when the run was begun.</summary>
    /// <returns>False where no further one is to be appended.</returns>
    public bool Append(in LogRecord record)
    {
        Run run = _open!;
        StreamClock clock = run.Stream.Clock.Next(record.TimestampNs, in _window, out bool moved);
        long sentNs = clock.LastSentNs;
        if (moved || sentNs < _window.FromNs || sentNs > _latestNs)
        {
            sentNs = TakeOutside(run, sentNs, ref moved);
        }

        if (OmitsMetadata)
        {
            run.BareRecords += record.Metadata.IsEmpty && !moved ? 0 : 1;
            _length += PushRequestWriter.WriteEntry(_buffer.AsSpan(_length), record.Line, sentNs, []);
        }
        else
        {
            _length += PushRequestWriter.WriteEntry(_buffer.AsSpan(_length), in record, sentNs, moved);
        }

        run.Stream.Clock = clock;
        NewestNs = Math.Max(NewestNs, clock.NewestNs);
        if (run.Records++ == 0)
        {
            run.FirstRawNs = record.TimestampNs;
        }

        Records++;
        return !IsFull;
    }

    /// <summary>Ends the open run. One without records leaves no bytes, and one that moved no position either leaves nothing.</summary>
    /// <param name="mark">How far the source has come behind its last record; null if no position moved.</param>
    public void EndRun(SourceMark? mark = null)
    {
        Run run = _open!;
        _open = null;
        run.Clock = run.Stream.Clock;
        run.Stream.LastMovedNs = Math.Max(run.Stream.LastMovedNs, run.LastMovedNs);
        if (mark is not null)
        {
            mark.Run = run;
            run.HasMark = true;
            run.DroppedRecords += mark.DroppedRecords;
            _marks.Add(mark);
        }

        run.End = _length;
        if (run.Records > 0)
        {
            PushRequestWriter.EndStream(_buffer.AsSpan(run.Start, _length - run.Start));
            return;
        }

        _length = run.Start;
        RemoveIfUseless(run);
    }

    /// <summary>Adds a mark that concerns the batch as a whole, and not one of its runs.</summary>
    public void Add(SourceMark mark)
    {
        mark.Run = null;
        _marks.Add(mark);
    }

    /// <summary>Takes back what was appended since the open run was begun or went on.</summary>
    public void AbandonRun()
    {
        Run run = _open!;
        _open = null;
        (_length, run.Records, Records, run.Stream.Clock, run.LastMovedNs, run.Retimed, run.BareRecords) = _before;
        RemoveIfUseless(run);
    }

    /// <summary>A stream that has records in the batch, beside the given one; null where there is none.</summary>
    public LogStream? FindOther(LogStream stream) => _runs.FindOther(stream);

    /// <summary>Nothing more is appended, though there is room.</summary>
    public void Seal() => _isSealed = true;

    /// <summary>Takes a stream out, so that its records are neither sent nor acknowledged.</summary>
    public void Remove(LogStream stream)
    {
        foreach (Run run in Runs)
        {
            if (run.Stream == stream && !run.IsRemoved)
            {
                Records -= run.Records;
                run.Records = 0;
                run.DroppedRecords = 0;
                run.Refused.Clear();
                run.IsRemoved = true;
            }
        }

        _marks.RemoveAll(static mark =>
        {
            bool isRemoved = mark.Run is { IsRemoved: true };
            if (isRemoved)
            {
                mark.Release();
            }

            return isRemoved;
        });
    }

    /// <summary>Makes the batch empty.</summary>
    public void Clear()
    {
        _runs.Clear();
        foreach (SourceMark mark in _marks)
        {
            mark.Release();
        }

        _marks.Clear();
        _isSealed = false;
        _length = 0;
        _open = null;
        Records = 0;
        NewestNs = StreamClock.None;
    }

    /// <summary>Gives back the memory of an empty batch until it is filled again.</summary>
    public void Release()
    {
        ResidentMemory.Forget(_buffer);
        _runs.Release();
    }

    /// <summary>Gives a time to a record that was moved, or that Loki may refuse with its own time.</summary>
    private static long TakeOutside(Run run, long sentNs, ref bool moved)
    {
        run.DependsOnWindow = true;
        if (sentNs >= run.Window.FromNs && sentNs <= run.Window.ToNs)
        {
            run.Retimed += new RetimedRecords(0, 0, moved ? 1 : 0);
            return sentNs;
        }

        run.Retimed += sentNs > run.Window.ToNs ? new RetimedRecords(0, 1, 0) : new RetimedRecords(1, 0, 0);
        moved = true;
        return run.Move(sentNs);
    }

    private void RemoveIfUseless(Run run)
    {
        run.End = _length;
        _runs.RemoveIfUseless(run);
    }
}
