using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Limits how many requests may be in flight at the same time. The limit rises by one while responses come as quickly as usual, and is halved when Loki
/// refuses, fails or slows down (additive increase, multiplicative decrease). Source: Vector's adaptive request concurrency,
/// https://vector.dev/blog/adaptive-request-concurrency/.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PushGate(TimeProvider time)
{
    /// <summary>The highest limit: no agent has more lanes.</summary>
    public const int MaxConcurrency = 8;

    /// <summary>A response that takes this many times longer than usual shows that Loki has reached its capacity.</summary>
    private const double SlowFactor = 3;

    /// <summary>A response within this time never counts as slow: short durations vary by chance.</summary>
    private static readonly TimeSpan MinSlow = TimeSpan.FromMilliseconds(100);

    /// <summary>Weight of the last response in the moving average of durations.</summary>
    private const double Weight = 0.05;

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private double _limit = 2;
    private double _usualSeconds;
    private int _underWay;
    private long _lastDecrease = long.MinValue;

    /// <summary>The current limit.</summary>
    public int Limit
    {
        get
        {
            lock (_lock)
            {
                return (int)_limit;
            }
        }
    }

    /// <summary>Waits until another request may be sent.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public Task EnterAsync(CancellationToken givingUp)
    {
        lock (_lock)
        {
            if (_underWay < (int)_limit && _waiting.Count == 0)
            {
                _underWay++;
                return Task.CompletedTask;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            return WaitAsync(turn, givingUp);
        }
    }

    /// <summary>Ends a request that <see cref="EnterAsync"/> admitted, and adapts the limit.</summary>
    public void Leave(PushVerdict verdict, TimeSpan duration)
    {
        lock (_lock)
        {
            _underWay--;
            Adapt(verdict, duration);
            while (_underWay < (int)_limit && _waiting.TryDequeue(out TaskCompletionSource? next))
            {
                _underWay += next.TrySetResult() ? 1 : 0;
            }
        }
    }

    private static async Task WaitAsync(TaskCompletionSource turn, CancellationToken givingUp)
    {
        await using CancellationTokenRegistration registration = givingUp.Register(() => turn.TrySetCanceled(givingUp));
        await turn.Task;
    }

    private void Adapt(PushVerdict verdict, TimeSpan duration)
    {
        bool isSlow = _usualSeconds > 0 && duration > MinSlow && duration.TotalSeconds > _usualSeconds * SlowFactor;
        if (verdict is PushVerdict.NotStored or PushVerdict.Unconfirmed or PushVerdict.StreamRefused || isSlow)
        {
            // Failures of requests that were in flight together count once.
            long now = time.GetTimestamp();
            if (_lastDecrease == long.MinValue || time.GetElapsedTime(_lastDecrease, now) >= duration)
            {
                _lastDecrease = now;
                _limit = Math.Max(1, _limit / 2);
            }
        }
        else
        {
            _limit = Math.Min(MaxConcurrency, _limit + (1 / _limit));
        }

        if (verdict is not (PushVerdict.NotStored or PushVerdict.Unconfirmed))
        {
            _usualSeconds = _usualSeconds == 0 ? duration.TotalSeconds : _usualSeconds + ((duration.TotalSeconds - _usualSeconds) * Weight);
        }
    }
}
