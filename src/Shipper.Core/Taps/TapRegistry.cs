using Shipper.Loki;

namespace Shipper.Taps;

/// <summary>The open taps. They outlive a reload of the configuration.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class TapRegistry(TimeProvider time)
{
    /// <summary>Maximum number of open taps.</summary>
    public const int MaxTaps = 8;

    private readonly Lock _lock = new();
    private volatile Tap[] _taps = [];

    /// <summary>Increases whenever a tap is opened or closed.</summary>
    public int Version { get; private set; }

    /// <summary>True if a tap is open.</summary>
    public bool HasAny => _taps.Length > 0;

    /// <summary>Opens a tap.</summary>
    /// <returns>Null if too many are open.</returns>
    public Tap? TryOpen(TapQuery query, TapStage stage)
    {
        lock (_lock)
        {
            if (_taps.Length == MaxTaps)
            {
                return null;
            }

            var tap = new Tap(this, query, stage, time);
            _taps = [.. _taps, tap];
            Version++;
            return tap;
        }
    }

    /// <summary>Removes a tap.</summary>
    public void Close(Tap tap)
    {
        lock (_lock)
        {
            _taps = [.. _taps.Where(other => other != tap)];
            Version++;
        }
    }

    /// <summary>Returns the taps that want records with these attributes.</summary>
    public Tap[] Find(StreamAttributes attributes, out IReadOnlyDictionary<string, string> labels)
    {
        Dictionary<string, string> own = attributes.Labels.ToDictionary();
        labels = own;
        return [.. _taps.Where(tap => tap.Query.Matches(own))];
    }
}
