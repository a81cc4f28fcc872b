using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// How many requests may be under way at once: one more while they are answered as quickly as ever, half as many when Loki refuses,
/// fails or slows down (additive increase, multiplicative decrease). Source: Vector's adaptive request concurrency,
/// https://vector.dev/blog/adaptive-request-concurrency/.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class PushGate(TimeProvider time)
{
    /// <summary>No agent has more lanes.</summary>
    public const int MaxConcurrency = 8;

    /// <summary>An answer that takes so much longer than usual says that Loki is at its limit.</summary>
    private const double SlowFactor = 3;

    /// <summary>Shorter ones differ by chance.</summary>
    private static readonly TimeSpan MinSlow = TimeSpan.FromMilliseconds(100);

    /// <summary>The weight of the last answer in what is usual.</summary>
    private const double Weight = 0.05;

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private double _limit = 2;
    private double _usualSeconds;
    private int _underWay;
    private long _lastDecrease = long.MinValue;

    /// <summary>The present limit.</summary>
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

    /// <summary>Waits for its turn.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
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

    /// <summary>A request that had its turn is over.</summary>
    /// <param name="verdict">What its answer means.</param>
    /// <param name="duration">How long it took.</param>
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
        if (verdict is PushVerdict.NotStored or PushVerdict.LeftOpen or PushVerdict.StreamRefused || isSlow)
        {
            // Those that were under way together are one sign.
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

        if (verdict is not (PushVerdict.NotStored or PushVerdict.LeftOpen))
        {
            _usualSeconds = _usualSeconds == 0 ? duration.TotalSeconds : _usualSeconds + ((duration.TotalSeconds - _usualSeconds) * Weight);
        }
    }
}
