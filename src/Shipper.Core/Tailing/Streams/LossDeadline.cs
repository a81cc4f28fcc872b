
namespace Shipper.Tailing.Streams;

/// <summary>
/// Estimates how long it takes until rotation deletes the first file of a stream that has unacknowledged bytes. The estimate follows
/// what is seen: how fast the log grows, at which size it was rotated, how many files are kept. Until more is seen they are kubelet's:
/// each 10 s it looks for a log above 10 MiB (containerLogMaxSize), and keeps 5 files (containerLogMaxFiles). A deleted file is held open
/// and lost only when the budget of held bytes is full: how fast the stream adds to that is estimated, too.
/// </summary>
/// <remarks>Owned by its stream; not safe for concurrent use.</remarks>
internal sealed class LossDeadline
{
    /// <summary>The estimate if nothing grows, or all is acknowledged.</summary>
    public const double Never = double.PositiveInfinity;

    private const long DefaultRotationBytes = 10 * 1024 * 1024;
    private const int DefaultFiles = 5;
    private const double RotationCheckSeconds = 10;

    /// <summary>Rates are smoothed over this many seconds: a burst must not set off an alarm, a flood must soon.</summary>
    private const double SmoothingSeconds = 30;

    /// <summary>
    /// A stream whose bytes are acknowledged within this time, and two waits of a batch, is not behind: its last bytes are under way.
    /// </summary>
    private static readonly TimeSpan MaxUnderWay = TimeSpan.FromSeconds(15);

    /// <summary>What grows more slowly counts as quiet, in bytes a second.</summary>
    private const double MinRate = 1;

    private Generation? _live;
    private long _liveBytes;
    private double _smoothed;

    // How much of the smoothed rate was measured: less than 1 while the log is watched for a short time.
    private double _measured;
    private int _maxFiles = DefaultFiles;

    // The file that goes first is not held open: it is lost when it is deleted.
    private bool _isParked;

    // Where the log ended a while ago, and how long ago that was. Once it is acknowledged up to there, its present end takes the place.
    private Generation? _mark;
    private long _markOffset;
    private double _markAge;
    private bool _hasLost;

    // Unacknowledged bytes at the last update; null before the first. How they grow, smoothed, and how much of that was measured.
    private long? _lag;
    private double _lagGrowth;
    private double _lagMeasured;

    /// <summary>Seconds from the last update until the file is deleted; 0 if it is deleted already and only held open.</summary>
    public double Seconds { get; private set; } = Never;

    /// <summary>True if unacknowledged bytes are held open only: what lets go of them is the budget, not rotation.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>
    /// How fast the unacknowledged bytes of a stream that is behind grow, in bytes a second. 0 if its last bytes are only under way, or if it catches up:
    /// then nothing of it is going to be lost.
    /// </summary>
    public double Growth { get; private set; }

    private double Rate => _measured > 0 ? _smoothed / _measured : 0;

    /// <summary>How much a measurement counts that took this long.</summary>
    public static double WeightOf(TimeSpan elapsed) => 1 - Math.Exp(-elapsed.TotalSeconds / SmoothingSeconds);

    /// <summary>Takes in what the files are like now.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="elapsed">Time since the last update.</param>
    /// <param name="weight">Its <see cref="WeightOf"/>.</param>
    /// <param name="batchWait">How long a batch waits for more.</param>
    public void Update(TailedStream stream, TimeSpan elapsed, double weight, TimeSpan batchWait)
    {
        List<Generation> generations = stream.Generations;
        MeasureLag(generations, elapsed.TotalSeconds, weight);
        double growth = _lagMeasured > 0 ? _lagGrowth / _lagMeasured : 0;
        Growth = IsBehind(generations, elapsed.TotalSeconds, batchWait) && growth >= MinRate ? growth : 0;
        int live = FindLive(generations);
        if (live >= 0)
        {
            Measure(generations, live, elapsed.TotalSeconds, weight);
        }

        IsHeld = false;
        Seconds = Never;
        int oldest = -1;
        for (int i = 0; i < generations.Count && !IsHeld; i++)
        {
            Generation generation = generations[i];
            if (!generation.IsAcknowledged && (generation.HasFile || generation.IsListed))
            {
                IsHeld = generation.IsDeleted;
                oldest = oldest < 0 ? i : oldest;
            }
        }

        _isParked = oldest >= 0 && generations[oldest].IsParked;

        if (IsHeld)
        {
            Seconds = 0;
        }
        else if (oldest >= 0 && live >= 0 && Rate >= MinRate)
        {
            Seconds = Estimate(generations, live, oldest);
        }
    }

    /// <summary>Estimates when the stream loses bytes: rotation must have deleted them, and no more can be held.</summary>
    /// <param name="untilFull">Seconds until no more deleted files can be held.</param>
    public double SecondsUntilLoss(double untilFull) => Growth > 0 ? Seconds + (_isParked ? 0 : untilFull) : Never;

    /// <summary>Notes that bytes were lost. That they are no longer unacknowledged is not progress.</summary>
    public void Lose(long bytes)
    {
        _lag -= bytes;
        _hasLost = true;
    }

    /// <summary>True if nothing of what was written within some time is acknowledged, and something older is not.</summary>
    private bool IsBehind(List<Generation> generations, double seconds, TimeSpan batchWait)
    {
        double maxAge = (MaxUnderWay + (2 * batchWait)).TotalSeconds;
        _markAge += seconds;
        int mark = _mark is null ? -1 : generations.IndexOf(_mark);
        for (int i = 0; i <= mark; i++)
        {
            // The larger position: a line that is open on one output does not keep the other from going on.
            long end = i < mark ? generations[i].Size : _markOffset;
            if (generations[i].HasFile && generations[i].Checkpoint.Acknowledged.Max < end)
            {
                return _markAge > maxAge;
            }
        }

        // What stood before the mark may not be acknowledged but lost: then it is as much behind as before.
        _markAge = _hasLost ? _markAge : 0;
        _hasLost = false;
        _mark = generations is [.., { } last] ? last : null;
        _markOffset = _mark?.Size ?? 0;
        return _markAge > maxAge;
    }

    private void MeasureLag(List<Generation> generations, double seconds, double weight)
    {
        long lag = 0;
        foreach (Generation generation in generations)
        {
            lag += generation.LagBytes;
        }

        if (_lag is { } before)
        {
            if (seconds <= 0)
            {
                return;
            }

            _lagGrowth += weight * (((lag - before) / seconds) - _lagGrowth);
            _lagMeasured += weight * (1 - _lagMeasured);
        }

        _lag = lag;
    }

    private static int FindLive(List<Generation> generations)
    {
        int i = generations.Count - 1;
        while (i >= 0 && !IsOnDisk(generations[i]))
        {
            i--;
        }

        return i >= 0 && generations[i].Name.IsLive && !generations[i].IsGzip ? i : -1;
    }

    private static bool IsOnDisk(Generation generation) => generation.IsListed && !generation.IsDeleted;

    private void Measure(List<Generation> generations, int live, double seconds, double weight)
    {
        if (_live is not null)
        {
            if (seconds <= 0)
            {
                return;
            }

            // There may have been several rotations since.
            long bytes = -_liveBytes;
            int i = live;
            for (; i >= 0 && generations[i] != _live; i--)
            {
                bytes += generations[i].Size - generations[i].Start;
            }

            bytes = i < 0 ? generations[live].Size - generations[live].Start : bytes + _live.Size - _live.Start;
            _smoothed += weight * ((Math.Max(0, bytes) / seconds) - _smoothed);
            _measured += weight * (1 - _measured);
        }

        _live = generations[live];
        _liveBytes = _live.Size - _live.Start;
    }

    private double Estimate(List<Generation> generations, int live, int oldest)
    {
        // A file that is larger already tells that it is not rotated at the default.
        long rotationBytes = 0;
        int files = 0;
        int newer = 0;
        for (int i = live; i >= 0; i--)
        {
            Generation generation = generations[i];
            if (!IsOnDisk(generation))
            {
                continue;
            }

            newer += i > oldest ? 1 : 0;
            if (generation.Series == generations[live].Series && generation.Name.Restart == generations[live].Name.Restart)
            {
                files++;
                rotationBytes = rotationBytes == 0 && i < live ? generation.Size : rotationBytes;
            }
        }

        _maxFiles = Math.Max(_maxFiles, files);
        rotationBytes = rotationBytes > 0 ? rotationBytes : Math.Max(DefaultRotationBytes, generations[live].Size);
        double untilRotation = Math.Max(0, rotationBytes - generations[live].Size) / Rate;
        return untilRotation + (Math.Max(0, _maxFiles - 1 - newer) * Math.Max(rotationBytes / Rate, RotationCheckSeconds));
    }
}
