namespace Shipper.Tailing;

/// <summary>
/// Estimates how long it takes until rotation deletes the first file of a stream that has bytes which are not acknowledged. It is told by
/// what is seen: how fast the log grows, at which size it was rotated, how many files are kept. Until more is seen they are kubelet's:
/// each 10 s it looks for a log above 10 MiB (containerLogMaxSize), and keeps 5 files (containerLogMaxFiles).
/// </summary>
/// <remarks>Owned by its stream; not safe for concurrent use.</remarks>
internal sealed class LossDeadline
{
    /// <summary>Nothing grows, or all is acknowledged.</summary>
    public const double Never = double.PositiveInfinity;

    private const long DefaultRotationBytes = 10 * 1024 * 1024;
    private const int DefaultFiles = 5;
    private const double RotationCheckSeconds = 10;

    /// <summary>Over as many seconds the rate is smoothed: a burst must not set off an alarm, a flood must soon.</summary>
    private const double SmoothingSeconds = 30;

    /// <summary>A log that grows more slowly counts as quiet, in bytes a second.</summary>
    private const double MinRate = 1;

    private Generation? _live;
    private long _liveBytes;
    private double _smoothed;

    // How much of the smoothed rate was measured: less than 1 while the log is watched for a short time.
    private double _measured;
    private int _maxFiles = DefaultFiles;

    /// <summary>Seconds from the last update until the file is deleted; 0 where it is already and only held open.</summary>
    public double Seconds { get; private set; } = Never;

    /// <summary>True where unacknowledged bytes are held open only: what lets go of them is the budget, not rotation.</summary>
    public bool IsHeld { get; private set; }

    private double Rate => _measured > 0 ? _smoothed / _measured : 0;

    /// <summary>How much a measurement counts that took as long.</summary>
    public static double WeightOf(TimeSpan elapsed) => 1 - Math.Exp(-elapsed.TotalSeconds / SmoothingSeconds);

    /// <summary>Takes in what the files are like now.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="elapsed">Time since the last update.</param>
    /// <param name="weight">Its <see cref="WeightOf"/>.</param>
    public void Update(TailedStream stream, TimeSpan elapsed, double weight)
    {
        List<Generation> generations = stream.Generations;
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
            if (!generation.IsAcknowledged && (generation.Handle is not null || generation.IsListed))
            {
                IsHeld = generation.IsDeleted;
                oldest = oldest < 0 ? i : oldest;
            }
        }

        if (IsHeld)
        {
            Seconds = 0;
        }
        else if (oldest >= 0 && live >= 0 && Rate >= MinRate)
        {
            Seconds = Estimate(generations, live, oldest);
        }
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
