using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;

namespace Shipper.Core.Tests.Kubernetes;

/// <summary>
/// A clock that knows whether a request waits for its answer. A test that moves it on must not do so meanwhile: on a busy machine the answer would come after its timeout.
/// </summary>
internal sealed class RequestClock() : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    /// <summary>An open watch has more time than this, an answer less.</summary>
    private static readonly TimeSpan MaxAnswerTimeout = TimeSpan.FromMinutes(1);

    private int _underWay;

    public bool IsRequestUnderWay => Volatile.Read(ref _underWay) > 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (state is not CancellationTokenSource)
        {
            // A wait between two requests; the timeout of one has its source as its state.
            return timer;
        }

        Interlocked.Increment(ref _underWay);
        return new ObservedTimer(timer, () => Interlocked.Decrement(ref _underWay), MaxAnswerTimeout);
    }
}
