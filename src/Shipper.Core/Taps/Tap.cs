using System.Threading.Channels;

namespace Shipper.Taps;

/// <summary>
/// An open tap: the records that somebody watches. What is too much to watch is counted and left out, and a reader that does not keep up never holds a lane
/// back. A record that is read again, because Loki refused it, may be shown again.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Tap : IDisposable
{
    /// <summary>A longer line is cut for the tap.</summary>
    public const int MaxLineBytes = 16 * 1024;

    private const int MaxRecordsPerSecond = 1000;
    private const long MaxBytesPerSecond = 1024 * 1024;

    /// <summary>Looking at a record costs more than passing it on. Above this many a second, the others are not looked at.</summary>
    private const int MaxExaminedPerSecond = 20_000;

    private readonly TapRegistry _registry;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    // Bounded by what is admitted in a second: a reader that does not read costs at most that much memory.
    private readonly Channel<TapRecord> _records = Channel.CreateBounded<TapRecord>(new BoundedChannelOptions(MaxRecordsPerSecond) { SingleReader = true });
    private long _second;
    private int _examined;
    private int _shown;
    private long _bytes;
    private long _skipped;

    public Tap(TapRegistry registry, TapQuery query, TapStage stage, TimeProvider time)
    {
        _registry = registry;
        _time = time;
        Query = query;
        Stage = stage;
    }

    public TapQuery Query { get; }

    public TapStage Stage { get; }

    /// <summary>The records, in the order in which the lanes processed them.</summary>
    public ChannelReader<TapRecord> Records => _records.Reader;

    /// <summary>Returns the number of records that may have matched and were not shown since the last call.</summary>
    public long TakeSkipped() => Interlocked.Exchange(ref _skipped, 0);

    /// <summary>Returns true if another record may be examined now. Otherwise it counts as skipped.</summary>
    public bool TryExamine()
    {
        lock (_lock)
        {
            BeginSecond();
            if (_shown < MaxRecordsPerSecond && _bytes < MaxBytesPerSecond && _examined < MaxExaminedPerSecond)
            {
                _examined++;
                return true;
            }
        }

        Interlocked.Increment(ref _skipped);
        return false;
    }

    /// <summary>Adds a record that matches.</summary>
    public void Add(TapRecord record)
    {
        lock (_lock)
        {
            _shown++;
            _bytes += record.Line.Length;
        }

        if (!_records.Writer.TryWrite(record))
        {
            Interlocked.Increment(ref _skipped);
        }
    }

    /// <summary>Closes the tap.</summary>
    public void Dispose()
    {
        _registry.Close(this);
        _records.Writer.TryComplete();
    }

    private void BeginSecond()
    {
        long second = _time.GetTimestamp() / _time.TimestampFrequency;
        if (second != _second)
        {
            _second = second;
            _examined = 0;
            _shown = 0;
            _bytes = 0;
        }
    }
}
