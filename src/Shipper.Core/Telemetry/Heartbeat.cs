namespace Shipper.Telemetry;

/// <summary>
/// Shows that the agent's loops turn. Each loop beats at least once a second, whatever it waits for; neither Loki nor the
/// API server being away stops one.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class Heartbeat(TimeProvider time)
{
    /// <summary>A loop that did not turn for this long is stuck.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _beats = [];

    /// <summary>The loop turns.</summary>
    public void Beat(string loop)
    {
        long now = time.GetTimestamp();
        lock (_lock)
        {
            _beats[loop] = now;
        }
    }

    /// <summary>The loop has ended as it should.</summary>
    public void End(string loop)
    {
        lock (_lock)
        {
            _beats.Remove(loop);
        }
    }

    /// <summary>The loops that are stuck.</summary>
    public IReadOnlyList<string> FindStuck()
    {
        lock (_lock)
        {
            return [.. _beats.Where(beat => time.GetElapsedTime(beat.Value) > MaxSilence).Select(beat => beat.Key)];
        }
    }
}
