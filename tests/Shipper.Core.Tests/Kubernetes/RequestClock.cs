using Microsoft.Extensions.Time.Testing;

namespace Shipper.Kubernetes;

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

        // The timeout of a request; a wait between two of them has another state.
        return state is CancellationTokenSource ? new RequestTimer(this, timer) : timer;
    }

    private sealed class RequestTimer : ITimer
    {
        private readonly RequestClock _clock;
        private readonly ITimer _timer;
        private int _isOver;

        public RequestTimer(RequestClock clock, ITimer timer)
        {
            _clock = clock;
            _timer = timer;
            Interlocked.Increment(ref clock._underWay);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > MaxAnswerTimeout)
            {
                End();
            }

            return _timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            End();
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            End();
            return _timer.DisposeAsync();
        }

        private void End()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                Interlocked.Decrement(ref _clock._underWay);
            }
        }
    }
}
