using Polly;
using Shipper.Loki;
using Shipper.Net;

namespace Shipper.Delivery;

/// <summary>
/// Repeats a query until Loki answers it, and decides when to continue without an answer: only while Loki accepts pushes. A frozen Loki would receive one
/// unconfirmed copy after another, and store all of them.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class QueryRetries
{
    /// <summary>Give up after this many consecutive responses that are not Loki's: something else answers there.</summary>
    private const int MaxUnreadable = 3;

    private readonly Sender _sender;
    private readonly DeliveryServices _services;
    private readonly TimeSpan _maxAsking;
    private readonly int _maxRetries;
    private readonly ResiliencePipeline<QueryAnswer> _retries;
    private long _since;

    // Consecutive failures.
    private int _failures;
    private int _unreadable;

    // The response to the empty push after the last failure; null if none was sent.
    private PushAnswer? _probe;

    // Since when Loki has accepted pushes, as a timestamp; null if it did not accept the last one.
    private long? _acceptsPushesSince;

    /// <param name="maxAsking">How long to ask without an answer before giving up. Loki's read path may be down while its write path works.</param>
    /// <param name="maxRetries">How often to repeat a query before giving up, even if Loki accepts no pushes; 0 for no limit.</param>
    public QueryRetries(Sender sender, DeliveryServices services, TimeSpan maxAsking, int maxRetries = 0)
    {
        _sender = sender;
        _services = services;
        _maxAsking = maxAsking;
        _maxRetries = maxRetries;
        _since = services.Time.GetTimestamp();
        _retries = Retries.Create<QueryAnswer>(services.BackOff.Clock, ShouldRetryAsync, delay: _ => services.BackOff.DrawWait(Bound), Report);
    }

    private TimeSpan Bound => _probe is { AcceptsPushes: false, Verdict: PushVerdict.Misconfigured } ? _services.BackOff.Max : _services.BackOff.BoundAfter(_failures);

    /// <summary>Asks until Loki answers, or until there is a reason to continue without an answer.</summary>
    /// <param name="ask">Sends the query once.</param>
    /// <returns>The answer, or the last failure.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public async Task<QueryAnswer> AskAsync(Func<CancellationToken, ValueTask<QueryAnswer>> ask, CancellationToken givingUp)
    {
        QueryAnswer result = await _retries.ExecuteAsync(ask, givingUp);
        _since = _services.Time.GetTimestamp();
        _failures = 0;
        _unreadable = 0;
        _acceptsPushesSince = null;
        return result;
    }

    private async ValueTask<bool> ShouldRetryAsync(QueryAnswer result, CancellationToken givingUp)
    {
        if (result.Outcome == QueryOutcome.Answered || (++_failures > _maxRetries && _maxRetries > 0))
        {
            return false;
        }

        _unreadable = result.Outcome == QueryOutcome.Unreadable ? _unreadable + 1 : 0;
        bool isImpossible = result.Outcome == QueryOutcome.Impossible || _unreadable >= MaxUnreadable;
        _probe = isImpossible || _services.Time.GetElapsedTime(_since) >= _maxAsking ? await _sender.ProbeAsync(givingUp) : null;
        if (_probe is not { } probe)
        {
            return true;
        }

        if (!probe.AcceptsPushes)
        {
            _acceptsPushesSince = null;
            return true;
        }

        _acceptsPushesSince ??= _services.Time.GetTimestamp();

        // A Loki that was frozen may accept a push before it answers a query.
        return !isImpossible && _services.Time.GetElapsedTime(_acceptsPushesSince.Value) < Confirmation.ArrivalTime;
    }

    private void Report(QueryAnswer result)
    {
        if (_probe is not { AcceptsPushes: false } refused)
        {
            _sender.Health.OnQueryFailed(result.Message, Bound);
            return;
        }

        _sender.CountFailure();
        _sender.Health.OnFailed(refused, records: 0, refused.Verdict == PushVerdict.Misconfigured, Bound, maxRetries: 0);
    }
}
