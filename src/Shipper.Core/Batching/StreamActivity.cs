using Shipper.Processing;
using Shipper.Processing.Levels;

namespace Shipper.Batching;

/// <summary>What has happened to the records of a stream since the agent started, for people who ask where their log is.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class StreamActivity
{
    /// <summary>Time constant for smoothing rates, in seconds.</summary>
    private const double SmoothingSeconds = 10;

    private readonly long[] _levels = new long[(int)RecordLevel.Critical + 1];
    private List<StageCount>? _processed;
    private List<(string Reason, long Records)>? _dropped;
    private long _ratedRecords;
    private long _ratedBytes;
    private long _bytes;

    /// <summary>Number of acknowledged records.</summary>
    public long Records { get; private set; }

    /// <summary>Number of records that were read and not sent.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Bytes that were lost before they could be read.</summary>
    public long LostBytes { get; set; }

    /// <summary>When Loki last acknowledged records; null if it has not.</summary>
    public DateTimeOffset? LastAcknowledged { get; private set; }

    /// <summary>Loki's last refusal of the stream or of some of its records; null if there was none.</summary>
    public LokiRefusal? LastRefusal { get; private set; }

    /// <summary>Acknowledged records per second, over about the last ten seconds.</summary>
    public double RecordsPerSecond { get; private set; }

    /// <summary>Acknowledged bytes per second, over about the last ten seconds.</summary>
    public double BytesPerSecond { get; private set; }

    /// <summary>Number of records that were read and not sent, by reason.</summary>
    public IReadOnlyList<(string Reason, long Records)> Dropped => _dropped ?? [];

    /// <summary>What the stages did to records that were read.</summary>
    public IReadOnlyList<StageCount> Processed => _processed ?? [];

    /// <summary>Returns the number of records that were read by the name of the level that they state; only levels that occurred.</summary>
    public IReadOnlyDictionary<string, long> DescribeLevels()
    {
        var levels = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int level = 0; level < _levels.Length; level++)
        {
            if (_levels[level] > 0)
            {
                levels.Add(StageContext.LevelNames[level], _levels[level]);
            }
        }

        return levels;
    }

    /// <summary>Counts acknowledged records.</summary>
    /// <param name="bytes">Their size as encoded for a push, uncompressed.</param>
    public void OnAcknowledged(long records, long bytes, DateTimeOffset at)
    {
        Records += records;
        _bytes += bytes;
        LastAcknowledged = at;
    }

    /// <summary>Counts records that were read and not sent.</summary>
    /// <param name="reason">One of <see cref="Telemetry.DropReasons"/>, or the name of a rule or limit.</param>
    public void OnDropped(string reason, long records)
    {
        LeftOut += records;
        _dropped ??= [];
        for (int i = 0; i < _dropped.Count; i++)
        {
            if (_dropped[i].Reason == reason)
            {
                _dropped[i] = (reason, _dropped[i].Records + records);
                return;
            }
        }

        _dropped.Add((reason, records));
    }

    /// <summary>Notes that Loki refused the stream, or some of its records.</summary>
    public void OnRefused(LokiRefusal refusal) => LastRefusal = refusal;

    /// <summary>Counts a record that was read.</summary>
    public void CountLevel(RecordLevel level) => _levels[(int)level]++;

    /// <summary>Adds what the stages counted in a turn of reading.</summary>
    public void Add(StageContext context)
    {
        for (int level = 0; level < _levels.Length; level++)
        {
            _levels[level] += context.Levels[level];
        }

        for (int i = 0; i < context.Counts.Count; i++)
        {
            Add(context.Counts[i]);
        }
    }

    /// <summary>Updates the rates.</summary>
    /// <param name="elapsed">Time since the last update.</param>
    public void UpdateRates(TimeSpan elapsed)
    {
        if (elapsed <= TimeSpan.Zero)
        {
            return;
        }

        double weight = 1 - Math.Exp(-elapsed.TotalSeconds / SmoothingSeconds);
        RecordsPerSecond = Smooth(RecordsPerSecond, (Records - _ratedRecords) / elapsed.TotalSeconds, weight);
        BytesPerSecond = Smooth(BytesPerSecond, (_bytes - _ratedBytes) / elapsed.TotalSeconds, weight);
        _ratedRecords = Records;
        _ratedBytes = _bytes;
    }

    /// <summary>A rate that has faded to nearly nothing is nothing: otherwise a quiet log would change forever.</summary>
    private static double Smooth(double rate, double now, double weight)
    {
        const double Nothing = 0.005;
        double smoothed = rate + (weight * (now - rate));
        return now == 0 && smoothed < Nothing ? 0 : smoothed;
    }

    private void Add(StageCount count)
    {
        // A loop: a lambda would allocate in each turn of reading.
        _processed ??= [];
        for (int i = 0; i < _processed.Count; i++)
        {
            StageCount known = _processed[i];
            if (known.Stage == count.Stage && known.Rule == count.Rule)
            {
                _processed[i] = known with { Records = known.Records + count.Records, Bytes = known.Bytes + count.Bytes };
                return;
            }
        }

        _processed.Add(count);
    }
}
