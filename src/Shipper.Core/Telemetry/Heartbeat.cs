namespace Shipper.Telemetry;

/// <summary>Detects loops of the agent that are stuck. Each loop beats at least once a second, even while Loki or the API server is unavailable.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Heartbeat(TimeProvider time)
{
    /// <summary>A loop without a beat for this long is stuck.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _beats = [];

    /// <summary>Records that a loop is running.</summary>
    public void Beat(string loop)
    {
        long now = time.GetTimestamp();
        lock (_lock)
        {
            _beats[loop] = now;
        }
    }

    /// <summary>Stops watching a loop that has ended normally.</summary>
    public void End(string loop)
    {
        lock (_lock)
        {
            _beats.Remove(loop);
        }
    }

    /// <summary>Returns the names of the loops that are stuck.</summary>
    public IReadOnlyList<string> FindStuck()
    {
        lock (_lock)
        {
            return [.. _beats.Where(beat => time.GetElapsedTime(beat.Value) > MaxSilence).Select(beat => beat.Key)];
        }
    }
}
