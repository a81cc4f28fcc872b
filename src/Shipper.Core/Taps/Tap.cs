using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Shipper.Loki;

namespace Shipper.Taps;

/// <summary>
/// A live view of the records that pass through the agent. It never slows the agent: it shows at most <see cref="MaxRecordsPerSecond"/> and
/// <see cref="MaxBytesPerSecond"/>, and what exceeds them, or finds the queue full because nobody reads, is only counted. A record that is read again, because
/// Loki refused it or did not answer, may be shown again.
/// </summary>
/// <remarks>Thread-safe: lanes add records, and one reader takes them. Only closing it ends it.</remarks>
internal sealed class Tap : IDisposable
{
    /// <summary>Upper bound of the records that are shown in a second.</summary>
    public const int MaxRecordsPerSecond = 1000;

    /// <summary>Upper bound of the bytes that are shown in a second. The queue is bounded by as much.</summary>
    public const int MaxBytesPerSecond = 1024 * 1024;

    private const int RefillsPerSecond = 100;

    private readonly TapRegistry _registry;
    private readonly TimeProvider _time;

    // A full queue refuses a record, and never waits.
    private readonly Channel<TapRecord> _queue = Channel.CreateBounded<TapRecord>(new BoundedChannelOptions(MaxRecordsPerSecond) { SingleReader = true });
    private readonly ConditionalWeakTable<StreamAttributes, TappedStream> _streams = [];
    private readonly Lock _gate = new();
    private long _refilledAt;
    private long _recordsLeft = MaxRecordsPerSecond;
    private long _bytesLeft = MaxBytesPerSecond;
    private long _queuedBytes;
    private long _skipped;

    public Tap(TapRegistry registry, TapQuery query, TapStage stage, TimeProvider time)
    {
        _registry = registry;
        _time = time;
        Query = query;
        Stage = stage;
        _refilledAt = time.GetTimestamp();
    }

    public TapQuery Query { get; }

    public TapStage Stage { get; }

    /// <summary>True if the tap can show another record now.</summary>
    public bool HasRoom => Volatile.Read(ref _recordsLeft) > 0 && Volatile.Read(ref _bytesLeft) > 0 && Volatile.Read(ref _queuedBytes) < MaxBytesPerSecond;

    /// <summary>Waits until there is a record to read.</summary>
    /// <returns>False if the tap is closed and all its records are read.</returns>
    public ValueTask<bool> WaitToReadAsync(CancellationToken stopping) => _queue.Reader.WaitToReadAsync(stopping);

    /// <summary>Takes the next record, if there is one.</summary>
    public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TapRecord? record)
    {
        if (!_queue.Reader.TryRead(out record))
        {
            return false;
        }

        Interlocked.Add(ref _queuedBytes, -record.Size);
        return true;
    }

    /// <summary>
    /// Returns the number of records that were not shown since the last call. Where the tap had no room, records count without a look at their lines.
    /// </summary>
    public long TakeSkipped() => Interlocked.Exchange(ref _skipped, 0);

    /// <summary>Closes the tap. What it holds can still be read.</summary>
    public void Dispose()
    {
        _registry.Close(this);
        _queue.Writer.TryComplete();
    }

    /// <summary>Counts records that are not shown.</summary>
    public void Skip(long records) => Interlocked.Add(ref _skipped, records);

    /// <summary>Returns the labels of a stream if the query selects it, otherwise null. Streams are remembered.</summary>
    public IReadOnlyDictionary<string, string>? FindLabels(StreamAttributes attributes) => _streams.GetValue(attributes, Match).Labels;

    /// <summary>Adds a record, or counts it as skipped if there is no room for it.</summary>
    public void Add(TapRecord record)
    {
        int size = record.Size;
        lock (_gate)
        {
            if (_recordsLeft > 0 && _bytesLeft > 0 && Volatile.Read(ref _queuedBytes) < MaxBytesPerSecond && _queue.Writer.TryWrite(record))
            {
                _recordsLeft--;
                _bytesLeft -= size;
                Interlocked.Add(ref _queuedBytes, size);
                return;
            }
        }

        Skip(1);
    }

    /// <summary>Makes room for the time that has passed.</summary>
    /// <param name="now">The current timestamp.</param>
    public void Refill(long now)
    {
        if (now - Volatile.Read(ref _refilledAt) < _time.TimestampFrequency / RefillsPerSecond)
        {
            return;
        }

        lock (_gate)
        {
            double seconds = Math.Clamp((now - _refilledAt) / (double)_time.TimestampFrequency, 0, 1);
            _refilledAt = Math.Max(now, _refilledAt);
            _recordsLeft = Math.Min(MaxRecordsPerSecond, _recordsLeft + (long)(seconds * MaxRecordsPerSecond));
            _bytesLeft = Math.Min(MaxBytesPerSecond, _bytesLeft + (long)(seconds * MaxBytesPerSecond));
        }
    }

    private TappedStream Match(StreamAttributes attributes)
    {
        Dictionary<string, string> labels = attributes.Labels.ToDictionary();
        return new TappedStream(Query.MatchesLabels(labels) ? labels : null);
    }

    /// <summary>What is known of a stream.</summary>
    /// <param name="Labels">Its labels; null if the query does not select it.</param>
    private sealed record TappedStream(IReadOnlyDictionary<string, string>? Labels);
}
