using Shipper.Loki;
using Shipper.Net;

namespace Shipper.Delivery;

/// <summary>How long to wait after a failure: exponential, with full jitter.</summary>
/// <remarks>Safe for concurrent use: all lanes share it.</remarks>
internal sealed class BackOff(RetryOptions options, TimeProvider time) : IDisposable
{
    /// <summary>The largest bound of a wait while the agent stops.</summary>
    private static readonly TimeSpan MaxHurriedWait = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _hurry = new();

    /// <summary>True once the agent stops.</summary>
    public bool IsHurried => _hurry.IsCancellationRequested;

    /// <summary>The largest bound.</summary>
    public TimeSpan Max => options.Max;

    /// <summary>The bound after so many failures in a row: it doubles from the initial to the largest.</summary>
    public TimeSpan Bound(int failures) =>
        TimeSpan.FromTicks((long)Math.Min(options.Max.Ticks, options.Initial.Ticks * Math.Pow(2, Math.Max(0, failures - 1))));

    /// <summary>The agent stops: waits end now, and later ones are short.</summary>
    public void Hurry() => _hurry.Cancel();

    /// <summary>Waits for a time drawn evenly from 1 ms to the bound.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public Task WaitAsync(TimeSpan bound, CancellationToken givingUp) => WaitExactlyAsync(Jitter.Draw(bound), givingUp);

    /// <summary>Waits that long; shorter while the agent stops.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task WaitExactlyAsync(TimeSpan wait, CancellationToken givingUp)
    {
        if (IsHurried)
        {
            // Still a wait: a Loki that is away is not to be asked without end.
            await Task.Delay(wait < MaxHurriedWait ? wait : MaxHurriedWait, time, givingUp);
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(givingUp, _hurry.Token);
        try
        {
            // Loki refused, or is away: to try again at once would make it worse. A stop ends the wait.
            await Task.Delay(wait, time, either.Token);
        }
        catch (OperationCanceledException) when (!givingUp.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    public void Dispose() => _hurry.Dispose();
}
