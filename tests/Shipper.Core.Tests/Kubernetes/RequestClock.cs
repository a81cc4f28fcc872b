using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;

namespace Shipper.Core.Tests.Kubernetes;

/// <summary>
/// A clock that knows whether a request is waiting for its response. A test must not advance the clock in the meantime: on a busy machine the response would
/// come after its timeout.
/// </summary>
internal sealed class RequestClock() : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    /// <summary>The timeout of an open watch is longer, that of a response shorter.</summary>
    private static readonly TimeSpan MaxAnswerTimeout = TimeSpan.FromMinutes(1);

    private int _inFlight;

    public bool IsRequestInFlight => Volatile.Read(ref _inFlight) > 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (state is not CancellationTokenSource)
        {
            // A pause between two requests. The timeout of a request has a CancellationTokenSource as its state.
            return timer;
        }

        Interlocked.Increment(ref _inFlight);
        return new ObservedTimer(timer, () => Interlocked.Decrement(ref _inFlight), MaxAnswerTimeout);
    }
}
