using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Native;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Batching;

/// <summary>
/// A push request that is being filled: runs of entries, each preceded by the labels of its stream, in one buffer that is allocated once. After
/// <see cref="Seal"/>, nothing is appended until the batch is cleared.
/// </summary>
/// <remarks>Owned by a lane, which has two batches: it fills one while the other is in flight. Not thread-safe.</remarks>
internal sealed class Batch
{
    /// <summary>Space for the labels of a stream: 15 names and values of the largest lengths that Loki accepts.</summary>
    private const int MaxLabelBytes = 48 * 1024;

    private readonly byte[] _buffer;
    private readonly AcceptedTimes? _times;
    private readonly long _size;
    private readonly BatchRuns _runs;
    private readonly List<SourceMark> _marks = [];
    private int _length;
    private bool _isSealed;

    // The open run, and the state before it was begun or continued.
    private Run? _current;
    private TimeWindow _window;
    private long _latestNs;
    private (int Length, int RunRecords, int Records, StreamClock Clock, long LastMovedNs, RetimedRecords Retimed, int BareRecords) _before;

    /// <param name="options">When a batch is complete.</param>
    /// <param name="maxLineBytes">The largest line that will be appended.</param>
    /// <param name="times">The times that Loki accepts; null for all.</param>
    public Batch(BatchOptions options, int maxLineBytes, AcceptedTimes? times = null)
    {
        _times = times;
        _runs = new BatchRuns(this);
        _size = options.Size;
        _buffer = GC.AllocateUninitializedArray<byte>(Capacity(options, maxLineBytes));
    }

    /// <summary>Number of records in the batch.</summary>
    public int Records { get; private set; }

    /// <summary>True if nothing was appended and no position moved.</summary>
    public bool IsEmpty => _runs.Count == 0 && _marks.Count == 0;

    /// <summary>True if no further record may be appended.</summary>
    public bool IsFull => _isSealed || _length >= _size;

    /// <summary>True if Loki may already have some of the records.</summary>
    public bool HasUnconfirmed => _runs.HasUnconfirmed;

    /// <summary>The time when a run was last begun or continued, as returned by <see cref="UnixTime.GetMonotonicMicroseconds"/>.</summary>
    public long BegunAt { get; private set; }

    /// <summary>The encoded runs, in the order in which they were filled.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>The runs, in the order of their bytes.</summary>
    public ReadOnlySpan<Run> Runs => _runs.All;

    /// <summary>How far the batch reaches in its source, in the order of reading.</summary>
    public ReadOnlySpan<SourceMark> Marks => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_marks);

    /// <summary>
    /// Earliest own time of a run's first record, in nanoseconds since 1970; <see cref="long.MaxValue"/> without records. Times of a clock that was never set
    /// don't count.
    /// </summary>
    public long OldestNs => _runs.OldestNs;

    /// <summary>
    /// The newest time by which the records were ordered, in nanoseconds since 1970; <see cref="StreamClock.None"/> without records. Records that are too far
    /// in the future for Loki don't count. The times of moved records are in their runs: <see cref="Run.MovedToNs"/>.
    /// </summary>
    public long NewestNs { get; private set; } = StreamClock.None;

    /// <summary>Computes the size in bytes of the buffer of a batch with these options.</summary>
    public static int Capacity(BatchOptions options, int maxLineBytes) =>
        checked((int)options.Size + maxLineBytes + (2 * PushRequestWriter.MaxEntryOverheadBytes) + RecordPipeline.MaxReportBytes + PushRequestWriter.StreamHeaderBytes + MaxLabelBytes);

    /// <summary>Upper bound in bytes of a request with some of the records.</summary>
    public int MaxRequestBytes => _buffer.Length;

    /// <summary>True if the records are written without structured metadata. Set it only while the batch is empty.</summary>
    public bool OmitsMetadata { get; set; }

    /// <summary>Returns the base time of a stream: the time of lines without a timestamp. Null if the batch has no run of the stream.</summary>
    public long? BaseOf(LogStream stream) => stream.LastRun is { } run && run.Batch == this ? run.BaseNs : null;

    /// <summary>
    /// Returns the window for the records that are read next: the window of the stream's records in the batch, if there are any. Otherwise, records that Loki
    /// may already have get the window that they were sent with.
    /// </summary>
    /// <param name="isUnconfirmed">True if Loki may already have some of the records.</param>
    public TimeWindow WindowFor(LogStream stream, bool isUnconfirmed) =>
        _runs.FindLast(stream)?.Window ?? (isUnconfirmed ? stream.Checkpoint.SentWindow ?? TimeWindow.Unbounded : _times?.WindowOf(stream) ?? TimeWindow.Unbounded);

    /// <summary>Begins a run, or continues the last one if it belongs to the same stream.</summary>
    /// <param name="attributes">The attributes that its records are sent with.</param>
    /// <param name="window">The window of its records' times. If the batch already has records of the stream, their window is used instead.</param>
    /// <param name="now">The current time, as returned by <see cref="UnixTime.GetMonotonicMicroseconds"/>.</param>
    /// <param name="baseNs">The time of lines without a timestamp, in nanoseconds since 1970.</param>
    /// <param name="isUnconfirmed">True if Loki may already have some of the records.</param>
    /// <param name="isLoss">True if its record reports a loss. Such a record has a run of its own.</param>
    public void BeginRun(LogStream stream, StreamAttributes attributes, in TimeWindow window, long now = 0, long baseNs = 0, bool isUnconfirmed = false, bool isLoss = false)
    {
        BegunAt = now;
        if (_runs.Last is { IsRemoved: false, IsLossReport: false } last && !isLoss
            && last.Stream == stream && last.Attributes == attributes && last.BaseNs == baseNs && last.IsUnconfirmed == isUnconfirmed)
        {
            _current = last;
        }
        else
        {
            // Find it before a run is added: the added run may be one that an earlier batch used.
            Run? previous = isLoss ? null : _runs.FindLast(stream);
            _current = _runs.Add();
            _current.Begin(this, stream, attributes, in window, _length, previous);
            _current.BaseNs = baseNs;
            _current.IsUnconfirmed = isUnconfirmed;
            _current.IsLossReport = isLoss;
        }

        _window = _current.Window;
        _latestNs = Math.Min(_window.ToNs, _window.MaxNewestNs);
        _before = (_length, _current.Records, Records, stream.Clock, _current.LastMovedNs, _current.Retimed, _current.RecordsWithoutMetadata);
        if (_current.Records == 0)
        {
            _length += PushRequestWriter.BeginStream(_buffer.AsSpan(_length), attributes.Labels.Encoded);
        }
    }

    /// <summary>Appends a record to the open run. The batch must not have been full when the run was begun.</summary>
    /// <returns>False if no further record may be appended.</returns>
    public bool Append(in LogRecord record)
    {
        Run run = _current!;
        StreamClock clock = run.Stream.Clock.Next(record.TimestampNs, in _window, out bool moved);
        long sentNs = clock.LastSentNs;
        if (moved || sentNs < _window.FromNs || sentNs > _latestNs)
        {
            sentNs = ChooseTimeOutside(run, sentNs, ref moved);
        }

        if (OmitsMetadata)
        {
            run.RecordsWithoutMetadata += record.Metadata.IsEmpty && !moved ? 0 : 1;
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
            run.FirstOwnNs = record.TimestampNs;
        }

        Records++;
        return !IsFull;
    }

    /// <summary>Ends the open run. A run without records leaves no bytes. A run with neither records nor a mark is removed.</summary>
    /// <param name="mark">How far the source has been read after the last record; null if no position moved.</param>
    public void EndRun(SourceMark? mark = null)
    {
        Run run = _current!;
        _current = null;
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

    /// <summary>Adds a mark that concerns the whole batch instead of one run.</summary>
    public void Add(SourceMark mark)
    {
        mark.Run = null;
        _marks.Add(mark);
    }

    /// <summary>Removes what was appended since the open run was begun or continued.</summary>
    public void AbandonRun()
    {
        Run run = _current!;
        _current = null;
        (_length, run.Records, Records, run.Stream.Clock, run.LastMovedNs, run.Retimed, run.RecordsWithoutMetadata) = _before;
        RemoveIfUseless(run);
    }

    /// <summary>Finds a stream with records in the batch, other than the given one; null if there is none.</summary>
    public LogStream? FindOther(LogStream stream) => _runs.FindOther(stream);

    /// <summary>Allows no further records, even if there is room.</summary>
    public void Seal() => _isSealed = true;

    /// <summary>Removes a stream, so that its records are neither sent nor acknowledged.</summary>
    public void Remove(LogStream stream)
    {
        foreach (Run run in Runs)
        {
            if (run.Stream == stream && !run.IsRemoved)
            {
                Records -= run.Records;
                run.Records = 0;
                run.DroppedRecords = 0;
                run.DroppedAfterRefusal.Clear();
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

    /// <summary>Removes everything from the batch.</summary>
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
        _current = null;
        Records = 0;
        NewestNs = StreamClock.None;
    }

    /// <summary>Frees the memory of an empty batch until it is filled again.</summary>
    public void Release()
    {
        ResidentMemory.DiscardPages(_buffer);
        _runs.Release();
    }

    /// <summary>Gives a time to a record that was moved, or that Loki may refuse with its own time.</summary>
    private static long ChooseTimeOutside(Run run, long sentNs, ref bool moved)
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
        _runs.RemoveIfEmpty(run);
    }
}
