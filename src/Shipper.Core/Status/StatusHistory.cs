using Shipper.Telemetry;

namespace Shipper.Status;

/// <summary>
/// Samples the counters each second, to tell rates and their course over the last 15 minutes, and since when the verdict has been the same. It outlives a
/// reload of the configuration.
/// </summary>
/// <remarks>Thread-safe. <see cref="RunAsync"/> runs once at a time: each agent in turn calls it.</remarks>
internal sealed class StatusHistory(TimeProvider time, AgentMetrics metrics)
{
    private const int StepSeconds = 10;
    private const int MaxSteps = 90;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RateTime = TimeSpan.FromSeconds(StepSeconds);

    private readonly Lock _lock = new();
    private readonly long _startedAt = time.GetTimestamp();

    // The samples of the last ten seconds, oldest first.
    private readonly Queue<StatusSample> _samples = new();
    private readonly List<(double ReadBytes, double SentRecords, long LagBytes)> _steps = [];
    private StatusSample _stepStart;
    private StatusSample _last;
    private string? _state;
    private DateTimeOffset _since;

    /// <summary>When the program started.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>Time since the program started.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(_startedAt);

    /// <summary>Current rates.</summary>
    public Rates Rates
    {
        get
        {
            lock (_lock)
            {
                return _samples.TryPeek(out StatusSample first) && Between(first, _last) is > 0 and var seconds
                    ? new Rates(
                        (_last.ReadBytes - first.ReadBytes) / seconds, (_last.ReadRecords - first.ReadRecords) / seconds, (_last.SentRecords - first.SentRecords) / seconds,
                        (_last.SentBytes - first.SentBytes) / seconds)
                    : new Rates(0, 0, 0, 0);
            }
        }
    }

    /// <summary>CPU time over the last ten seconds, in percent of one core.</summary>
    public double CpuPercent
    {
        get
        {
            lock (_lock)
            {
                return _samples.TryPeek(out StatusSample first) && Between(first, _last) is > 0 and var seconds ? (_last.CpuSeconds - first.CpuSeconds) / seconds * 100 : 0;
            }
        }
    }

    /// <summary>Samples until canceled.</summary>
    /// <param name="reporter">Reports on the agent that runs.</param>
    public async Task RunAsync(StatusReporter reporter, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                Sample(reporter.LagBytes);
                _ = reporter.Judge();
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    /// <summary>Takes a sample.</summary>
    /// <param name="lagBytes">Bytes that are written to the sources, but not acknowledged.</param>
    public void Sample(long lagBytes)
    {
        var sample = new StatusSample(
            time.GetTimestamp(), metrics.ReadBytes.GetTotal(), metrics.ReadRecords.GetTotal(), metrics.SentRecords.GetTotal(), metrics.SentBytes.GetTotal(), ProcessMetrics.CpuSeconds);
        lock (_lock)
        {
            _last = sample;
            _samples.Enqueue(sample);
            while (time.GetElapsedTime(_samples.Peek().Timestamp, sample.Timestamp) > RateTime)
            {
                _samples.Dequeue();
            }

            if (_stepStart.Timestamp == 0)
            {
                _stepStart = sample;
            }
            else if (Between(_stepStart, sample) is >= StepSeconds and var seconds)
            {
                if (_steps.Count == MaxSteps)
                {
                    _steps.RemoveAt(0);
                }

                _steps.Add(((sample.ReadBytes - _stepStart.ReadBytes) / seconds, (sample.SentRecords - _stepStart.SentRecords) / seconds, lagBytes));
                _stepStart = sample;
            }
        }
    }

    /// <summary>Notes the state of the verdict.</summary>
    /// <returns>Since when the state has been the same.</returns>
    public DateTimeOffset Note(string state)
    {
        lock (_lock)
        {
            if (_state != state)
            {
                _state = state;
                _since = time.GetUtcNow();
            }

            return _since;
        }
    }

    /// <summary>Returns the course of the rates.</summary>
    public RateHistory Describe()
    {
        lock (_lock)
        {
            return new RateHistory(StepSeconds, [.. _steps.Select(step => step.ReadBytes)], [.. _steps.Select(step => step.SentRecords)], [.. _steps.Select(step => step.LagBytes)]);
        }
    }

    private double Between(StatusSample first, StatusSample last) => time.GetElapsedTime(first.Timestamp, last.Timestamp).TotalSeconds;
}
