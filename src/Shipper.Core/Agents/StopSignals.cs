using Shipper.Net;

namespace Shipper.Agents;

/// <summary>Tells the parts of an agent, each in its time, to end.</summary>
/// <remarks>
/// <code>
/// stopping ───────────┬───────────► StopFinding    discovery; files are found as long as lanes run, unless the process ends
///                     │                  ▲
/// a loop has failed ──┴─► Stop ──┐       │
///                                ├─► StopReading ─► lanes send what is batched ─► lanes have ended ─► StopFlushing   checkpoints
/// handing over ──────────────────┘       │                      ▲
///                                        └── grace period ──► GiveUp   or the timeout of a request, if another agent takes over
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

    /// <param name="options">The grace period, and the timeout of a request.</param>
    /// <param name="backOff">Its waits end when reading stops.</param>
    /// <param name="time">The clock.</param>
    /// <param name="handingOver">Tells to end and to leave everything to another agent.</param>
    /// <param name="stopping">Tells to end because the process does.</param>
    public StopSignals(AgentOptions options, BackOff backOff, TimeProvider time, CancellationToken handingOver, CancellationToken stopping)
    {
        _handingOver = handingOver;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _stopReading = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, handingOver);
        _stopFinding = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _giveUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _onStopReading = _stopReading.Token.Register(() =>
        {
            // The successor asks Loki about unconfirmed records if it can, but an answer is better.
            TimeSpan grace = options.GracePeriod;
            _giveUp.CancelAfter(_stop.IsCancellationRequested || grace < options.Loki.Timeout ? grace : options.Loki.Timeout);
            backOff.StopWaiting();
        });
        _onStop = _stop.Token.Register(() => _giveUp.CancelAfter(options.GracePeriod));
    }

    /// <summary>The agent ends for good: what only its open files hold is to be saved.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Lanes read nothing more, and send what is batched.</summary>
    public CancellationToken StopReading => _stopReading.Token;

    /// <summary>Lanes send nothing more.</summary>
    public CancellationToken GiveUp => _giveUp.Token;

    /// <summary>Discovery and everything else beside the lanes ends.</summary>
    public CancellationToken StopFinding => _stopFinding.Token;

    /// <summary>The checkpoints are written for the last time.</summary>
    public CancellationToken StopFlushing => _stopFlushing.Token;

    /// <summary>True if another agent takes over in this process.</summary>
    public bool IsHandingOver => _handingOver.IsCancellationRequested;

    /// <summary>Waits for a loop. If it fails, the others stop as they do when the agent is told to.</summary>
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

    /// <summary>The lanes have ended: everything else ends, too.</summary>
    public async Task LanesEndedAsync()
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
