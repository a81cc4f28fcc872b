using System.Globalization;
using Shipper.Parsing;
using Shipper.Tailing;

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
    private readonly long _size;
    private readonly List<Run> _runs = [];
    private int _runCount;
    private int _length;
    private bool _isToBeGrouped;

    // The open run, and what there was before it was begun or went on.
    private Run? _open;
    private long _presentNs;
    private (int Length, int RunRecords, int Records, StreamClock Clock) _before;

    /// <param name="options">When the batch is complete.</param>
    /// <param name="maxLineBytes">The largest line that will be appended.</param>
    public Batch(BatchOptions options, int maxLineBytes)
    {
        _size = options.Size;
        _buffer = GC.AllocateUninitializedArray<byte>(Capacity(options, maxLineBytes));
    }

    /// <summary>Records in the batch.</summary>
    public int Records { get; private set; }

    /// <summary>True where nothing was appended and no position moved.</summary>
    public bool IsEmpty => _runCount == 0;

    /// <summary>True where no further record is to be appended.</summary>
    public bool IsFull => _length >= _size;

    /// <summary>The encoded request.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>The runs, in the order of their bytes.</summary>
    public ReadOnlySpan<Run> Runs => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_runs)[.._runCount];

    /// <summary>Own time of the oldest run's first record, in nanoseconds since 1970; <see cref="long.MaxValue"/> without records.</summary>
    public long OldestNs
    {
        get
        {
            long oldest = long.MaxValue;
            foreach (Run run in Runs)
            {
                oldest = run.Records > 0 ? Math.Min(oldest, run.FirstRawNs) : oldest;
            }

            return oldest;
        }
    }

    /// <summary>The most bytes that a batch with these options can take.</summary>
    public static int Capacity(BatchOptions options, int maxLineBytes) =>
        checked((int)options.Size + maxLineBytes + PushRequestWriter.MaxEntryOverheadBytes + PushRequestWriter.StreamHeaderBytes + MaxLabelBytes);

    /// <summary>Names the streams, a few of them at the most, for a message.</summary>
    public string DescribeStreams()
    {
        const int MaxNamed = 3;
        var streams = new HashSet<string>(StringComparer.Ordinal);
        foreach (Run run in Runs)
        {
            streams.Add(run.Attributes.Labels.Selector);
        }

        string named = string.Join(", ", streams.Take(MaxNamed));
        return streams.Count <= MaxNamed ? named : string.Create(CultureInfo.InvariantCulture, $"{named} and {streams.Count - MaxNamed} more streams");
    }

    /// <summary>The time that was given to the lines of a stream which have none of their own; null where the batch has none of it.</summary>
    public long? BaseOf(LogStream stream) => stream.LastRun is { } run && run.Batch == this ? run.BaseNs : null;

    /// <summary>Begins a run; where the last one belongs to the same stream, that one goes on.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="attributes">What its records are sent with.</param>
    /// <param name="presentNs">The present, in nanoseconds since 1970.</param>
    /// <param name="baseNs">The time of lines that have none of their own.</param>
    public void BeginRun(LogStream stream, StreamAttributes attributes, long presentNs, long baseNs = 0)
    {
        _presentNs = presentNs;
        if (_runCount > 0 && _runs[_runCount - 1] is { IsRemoved: false } last && last.Stream == stream && last.Attributes == attributes && last.BaseNs == baseNs)
        {
            _open = last;
        }
        else
        {
            if (_runCount == _runs.Count)
            {
                _runs.Add(new Run());
            }

            _open = _runs[_runCount++];
            _open.Begin(this, stream, attributes, _length);
            _open.BaseNs = baseNs;
            _isToBeGrouped |= _open.IsContinuation || stream.TravelsLast;
        }

        _before = (_length, _open.Records, Records, stream.Clock);
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
        StreamClock clock = run.Stream.Clock.Next(record.TimestampNs, _presentNs, out bool moved);
        _length += PushRequestWriter.WriteEntry(_buffer.AsSpan(_length), in record, clock.LastSentNs, moved);
        run.Stream.Clock = clock;
        if (run.Records++ == 0)
        {
            run.FirstRawNs = record.TimestampNs;
        }

        Records++;
        return !IsFull;
    }

    /// <summary>Ends the open run. One without records leaves no bytes, and one that moved no position either leaves nothing.</summary>
    /// <param name="marks">The positions behind its last record.</param>
    public void EndRun(List<Mark> marks)
    {
        Run run = _open!;
        _open = null;
        run.Clock = run.Stream.Clock;
        run.Marks.AddRange(marks);
        run.End = _length;
        if (run.Records > 0)
        {
            PushRequestWriter.EndStream(_buffer.AsSpan(run.Start, _length - run.Start));
            return;
        }

        _length = run.Start;
        RemoveIfUseless(run);
    }

    /// <summary>Takes back what was appended since the open run was begun or went on.</summary>
    public void AbandonRun()
    {
        Run run = _open!;
        _open = null;
        (_length, run.Records, Records, run.Stream.Clock) = _before;
        RemoveIfUseless(run);
    }

    /// <summary>The request with each stream once, however often it had its turn, and those behind the others that travel last.</summary>
    /// <param name="target">Room for it, at least <see cref="Capacity"/> bytes; used where a stream has more than one run.</param>
    public ReadOnlySpan<byte> Group(Span<byte> target)
    {
        if (!_isToBeGrouped)
        {
            return Bytes;
        }

        int length = Group(target, 0, isLast: false);
        return target[..Group(target, length, isLast: true)];
    }

    /// <summary>Takes a stream out, so that its records are neither sent nor acknowledged.</summary>
    public void Remove(LogStream stream)
    {
        foreach (Run run in Runs)
        {
            if (run.Stream == stream && !run.IsRemoved)
            {
                Records -= run.Records;
                run.Records = 0;
                run.Marks.Clear();
                run.IsRemoved = true;
                _isToBeGrouped = true;
            }
        }
    }

    /// <summary>Makes the batch empty.</summary>
    public void Clear()
    {
        foreach (Run run in Runs)
        {
            run.Stream.UnansweredRuns--;
            if (run.Stream.LastRun == run)
            {
                run.Stream.LastRun = null;
            }
        }

        _isToBeGrouped = false;
        _runCount = 0;
        _length = 0;
        _open = null;
        Records = 0;
    }

    private int Group(Span<byte> target, int length, bool isLast)
    {
        foreach (Run first in Runs)
        {
            if (first.IsContinuation || first.Stream.TravelsLast != isLast)
            {
                continue;
            }

            int start = length;
            int headerBytes = PushRequestWriter.StreamHeaderBytes + first.Attributes.Labels.Encoded.Length;
            length += PushRequestWriter.BeginStream(target[length..], first.Attributes.Labels.Encoded);
            int empty = length;
            for (Run? run = first; run is not null; run = run.Next)
            {
                if (run.Records > 0)
                {
                    ReadOnlySpan<byte> entries = _buffer.AsSpan(run.Start + headerBytes, run.End - run.Start - headerBytes);
                    entries.CopyTo(target[length..]);
                    length += entries.Length;
                }
            }

            if (length == empty)
            {
                length = start;
                continue;
            }

            PushRequestWriter.EndStream(target[start..length]);
        }

        return length;
    }

    private void RemoveIfUseless(Run run)
    {
        run.End = _length;
        if (run.Records == 0 && run.Marks.Count == 0)
        {
            _runCount--;
            run.Stream.UnansweredRuns--;
            Unlink(run);
        }
    }

    private void Unlink(Run run)
    {
        if (run.Stream.LastRun != run)
        {
            return;
        }

        run.Stream.LastRun = null;
        for (int i = _runCount - 1; i >= 0; i--)
        {
            if (_runs[i].Stream == run.Stream)
            {
                _runs[i].Next = null;
                run.Stream.LastRun = _runs[i];
                break;
            }
        }
    }
}
