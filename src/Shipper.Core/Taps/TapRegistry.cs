using System.Diagnostics.CodeAnalysis;

namespace Shipper.Taps;

/// <summary>The open taps of the process. Taps stay open when the configuration is reloaded. Thread-safe.</summary>
internal sealed class TapRegistry(TimeProvider time)
{
    /// <summary>Maximum number of open taps.</summary>
    public const int MaxTaps = 8;

    private readonly Lock _gate = new();
    private volatile Tap[] _taps = [];

    /// <summary>The open taps. Changes make a new array.</summary>
    public Tap[] Taps => _taps;

    /// <summary>True if a tap is open. Costs a read of a field.</summary>
    public bool HasAny => _taps.Length > 0;

    public TimeProvider Time => time;

    /// <summary>Opens a tap. Dispose of it to close it.</summary>
    /// <param name="query">The records to show.</param>
    /// <param name="stage">In which form to show them.</param>
    /// <returns>False if too many taps are open.</returns>
    public bool TryOpen(TapQuery query, TapStage stage, [NotNullWhen(true)] out Tap? tap)
    {
        lock (_gate)
        {
            tap = _taps.Length < MaxTaps ? new Tap(this, query, stage, time) : null;
            if (tap is not null)
            {
                _taps = [.. _taps, tap];
            }
        }

        return tap is not null;
    }

    /// <summary>Removes a tap, unless it is already removed.</summary>
    public void Close(Tap tap)
    {
        lock (_gate)
        {
            _taps = [.. _taps.Where(open => open != tap)];
        }
    }
}
