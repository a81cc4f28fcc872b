
namespace Shipper.Tailing.Streams;

/// <summary>
/// Estimates when rotation will delete the first file of a stream that has unacknowledged bytes. The estimate is based on observations: how fast the log
/// grows, at which size it was rotated, and how many files are kept. Until there are observations, kubelet's defaults apply: every 10 s it rotates logs above
/// 10 MiB (containerLogMaxSize), and it keeps 5 files (containerLogMaxFiles). A deleted file is held open, so it is lost only when the budget for held bytes
/// is used up. How fast the stream uses up that budget is estimated, too.
/// </summary>
/// <remarks>Owned by its stream; not thread-safe.</remarks>
internal sealed class LossDeadline
{
    /// <summary>The estimate if nothing grows or everything is acknowledged.</summary>
    public const double Never = double.PositiveInfinity;

    private const long DefaultRotationBytes = 10 * 1024 * 1024;
    private const int DefaultFiles = 5;
    private const double RotationCheckSeconds = 10;

    /// <summary>Time constant for smoothing rates, in seconds. A burst must not raise an alarm; a sustained flood must raise one soon.</summary>
    private const double SmoothingSeconds = 30;

    /// <summary>
    /// A stream is not behind if its bytes are acknowledged within this time plus twice <c>batch.wait</c>: its last bytes are merely in flight.
    /// </summary>
    private static readonly TimeSpan MaxUnderWay = TimeSpan.FromSeconds(15);

    /// <summary>Growth below this rate counts as none, in bytes per second.</summary>
    private const double MinRate = 1;

    private Generation? _live;
    private long _liveBytes;
    private double _smoothed;

    // Weight of the measurements in the smoothed rate; below 1 until the log has been watched long enough.
    private double _measured;
    private int _maxFiles = DefaultFiles;

    // True if the file that will be deleted first is not open, so that its bytes are lost with it.
    private bool _isParked;

    // A former end of the log and its age. Once everything before it is acknowledged, the current end replaces it.
    private Generation? _mark;
    private long _markOffset;
    private double _markAge;
    private bool _hasLost;

    // Unacknowledged bytes at the last update, null before the first; the smoothed growth of these bytes; and the weight of the measurements in that growth.
    private long? _lag;
    private double _lagGrowth;
    private double _lagMeasured;

    /// <summary>Seconds from the last update until the file is deleted; 0 if it is already deleted and held open.</summary>
    public double Seconds { get; private set; } = Never;

    /// <summary>
    /// True if a file with unacknowledged bytes has been deleted and is only held open. Then the budget for held bytes, not rotation, decides when its bytes
    /// are lost.
    /// </summary>
    public bool IsHeld { get; private set; }

    /// <summary>
    /// Growth of the unacknowledged bytes of a stream that is behind, in bytes per second. 0 if only its last bytes are in flight, or if it is catching up,
    /// because it will not lose anything then.
    /// </summary>
    public double Growth { get; private set; }

    private double Rate => _measured > 0 ? _smoothed / _measured : 0;

    /// <summary>Returns the weight of a measurement over this time, from 0 to 1.</summary>
    public static double WeightOf(TimeSpan elapsed) => 1 - Math.Exp(-elapsed.TotalSeconds / SmoothingSeconds);

    /// <summary>Updates the estimates from the current state of the files.</summary>
    /// <param name="elapsed">Time since the last update.</param>
    /// <param name="weight"><see cref="WeightOf"/> of that time.</param>
    /// <param name="batchWait">How long a batch waits for more records (<c>batch.wait</c>).</param>
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

    /// <summary>Returns when the stream will lose bytes, in seconds: rotation must have deleted the file, and there must be no room to hold it.</summary>
    /// <param name="untilFull">Seconds until no more deleted files can be held.</param>
    public double SecondsUntilLoss(double untilFull) => Growth > 0 ? Seconds + (_isParked ? 0 : untilFull) : Never;

    /// <summary>Records that bytes were lost. The backlog shrinks, but this is not progress.</summary>
    public void AddLoss(long bytes)
    {
        _lag -= bytes;
        _hasLost = true;
    }

    /// <summary>True if the oldest unacknowledged bytes are too old.</summary>
    private bool IsBehind(List<Generation> generations, double seconds, TimeSpan batchWait)
    {
        double maxAge = (MaxUnderWay + (2 * batchWait)).TotalSeconds;
        _markAge += seconds;
        int mark = _mark is null ? -1 : generations.IndexOf(_mark);
        for (int i = 0; i <= mark; i++)
        {
            // Use the larger position: a partial line on one output doesn't stop the other output.
            long end = i < mark ? generations[i].Size : _markOffset;
            if (generations[i].HasFile && generations[i].Checkpoint.Acknowledged.Max < end)
            {
                return _markAge > maxAge;
            }
        }

        // Bytes before the mark may have been lost instead of acknowledged. Then the stream is as far behind as before.
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

            // The file may have been rotated several times since the last update.
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
        // A file above the default size shows that the log is rotated at a larger size.
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
            if (generation.Log == generations[live].Log && generation.Name.Restart == generations[live].Name.Restart)
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
