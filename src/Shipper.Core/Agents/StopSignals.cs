using Shipper.Net;

namespace Shipper.Agents;

/// <summary>Stops the parts of an agent in the right order.</summary>
/// <remarks>
/// <code>
/// stopping ───────────┬───────────► StopDiscovery    discovery; it runs as long as the lanes, unless the process stops
///                     │                  ▲
/// a loop has failed ──┴─► Stop ──┐       │
///                                ├─► StopReading ─► lanes send their batches ─► lanes have ended ─► StopFlushing   checkpoints
/// handing over ──────────────────┘       │                      ▲
///                                        └── grace period ──► GiveUp   before a handover after loki.timeout, if that is shorter
/// </code>
/// </remarks>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationToken _handingOver;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _stopReading;
    private readonly CancellationTokenSource _stopFinding;
    private readonly CancellationTokenSource _stopFlushing = new();
    private readonly CancellationTokenSource _giveUp;
    private readonly CancellationTokenRegistration _onStopReading;
    private readonly CancellationTokenRegistration _onStop;

    /// <param name="options">The grace period and the timeout of a request.</param>
    /// <param name="backOff">Stops waiting when reading stops.</param>
    /// <param name="handingOver">Canceled when the agent must end and hand everything over to a successor.</param>
    /// <param name="stopping">Canceled when the process stops.</param>
    public StopSignals(AgentOptions options, BackOff backOff, TimeProvider time, CancellationToken handingOver, CancellationToken stopping)
    {
        _handingOver = handingOver;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _stopReading = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, handingOver);
        _stopFinding = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _giveUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _onStopReading = _stopReading.Token.Register(() =>
        {
            // The successor asks Loki about unconfirmed records if it can, but the response to the push itself is better evidence.
            TimeSpan grace = options.GracePeriod;
            _giveUp.CancelAfter(_stop.IsCancellationRequested || grace < options.Loki.Timeout ? grace : options.Loki.Timeout);
            backOff.StopWaiting();
        });
        _onStop = _stop.Token.Register(() => _giveUp.CancelAfter(options.GracePeriod));
    }

    /// <summary>Canceled when the agent ends without a successor: data that exists only in its open files must be saved.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Canceled when the lanes must stop reading and send their batches.</summary>
    public CancellationToken StopReading => _stopReading.Token;

    /// <summary>Canceled when the lanes must stop sending.</summary>
    public CancellationToken StopSending => _giveUp.Token;

    /// <summary>Canceled when discovery and all other loops except the lanes and the checkpoints must end.</summary>
    public CancellationToken StopDiscovery => _stopFinding.Token;

    /// <summary>Canceled when the checkpoints must be written for the last time.</summary>
    public CancellationToken StopFlushing => _stopFlushing.Token;

    /// <summary>True if another agent takes over in this process.</summary>
    public bool IsHandingOver => _handingOver.IsCancellationRequested;

    /// <summary>Waits for a loop. If it fails, stops all other loops, as on a stop signal.</summary>
    public async Task StopIfFailedAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch
        {
            await _stop.CancelAsync();
            throw;
        }
    }

    /// <summary>Stops everything else. Call once the lanes have ended.</summary>
    public async Task StopRemainingAsync()
    {
        await _stopFinding.CancelAsync();
        await _stopFlushing.CancelAsync();
    }

    public void Dispose()
    {
        _onStopReading.Dispose();
        _onStop.Dispose();
        _giveUp.Dispose();
        _stopFlushing.Dispose();
        _stopFinding.Dispose();
        _stopReading.Dispose();
        _stop.Dispose();
    }
}
