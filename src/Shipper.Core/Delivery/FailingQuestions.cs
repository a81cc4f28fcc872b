using Polly;
using Shipper.Loki;
using Shipper.Net;

namespace Shipper.Delivery;

/// <summary>
/// Repeats a question until Loki answers it, and decides when to go on without an answer: only while Loki takes pushes. A Loki that stands still would receive one
/// unconfirmed copy after the other, and store all of them.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class FailingQuestions
{
    /// <summary>Give up after this many answers in a row that are not Loki's: something else answers there.</summary>
    private const int MaxUnreadable = 3;

    private readonly Sender _sender;
    private readonly DeliveryServices _services;
    private readonly TimeSpan _maxAsking;
    private readonly int _maxRetries;
    private readonly ResiliencePipeline<QueryAnswer> _retries;
    private long _since;

    // In a row.
    private int _failures;
    private int _unreadable;

    // The answer to the push that was sent after the last failure; null if none was sent.
    private PushAnswer? _probe;

    // A timestamp; null if Loki took no push at the last try.
    private long? _takesPushesSince;

    /// <param name="sender">Finds out whether Loki takes pushes.</param>
    /// <param name="services">The stage's.</param>
    /// <param name="maxAsking">How long to ask without an answer before giving up. Loki's read path may be down while its write path works.</param>
    /// <param name="maxRetries">How often a question is repeated before giving up, even if Loki takes no pushes; 0: without limit.</param>
    public FailingQuestions(Sender sender, DeliveryServices services, TimeSpan maxAsking, int maxRetries = 0)
    {
        _sender = sender;
        _services = services;
        _maxAsking = maxAsking;
        _maxRetries = maxRetries;
        _since = services.Time.GetTimestamp();
        _retries = Retries.Create<QueryAnswer>(services.BackOff.Clock, MustRepeatAsync, delay: _ => services.BackOff.Draw(Bound), Report);
    }

    private TimeSpan Bound => _probe is { TakesPushes: false, Verdict: PushVerdict.Misconfigured } ? _services.BackOff.Max : _services.BackOff.Bound(_failures);

    /// <summary>Asks until there is an answer, or until there is reason to go on without one.</summary>
    /// <param name="ask">Asks once.</param>
    /// <param name="givingUp">Gives up.</param>
    /// <returns>The answer, or what was said instead of one.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<QueryAnswer> AskAsync(Func<CancellationToken, ValueTask<QueryAnswer>> ask, CancellationToken givingUp)
    {
        QueryAnswer said = await _retries.ExecuteAsync(ask, givingUp);
        _since = _services.Time.GetTimestamp();
        _failures = 0;
        _unreadable = 0;
        _takesPushesSince = null;
        return said;
    }

    private async ValueTask<bool> MustRepeatAsync(QueryAnswer said, CancellationToken givingUp)
    {
        if (said.Outcome == QueryOutcome.Answered || (++_failures > _maxRetries && _maxRetries > 0))
        {
            return false;
        }

        _unreadable = said.Outcome == QueryOutcome.Unreadable ? _unreadable + 1 : 0;
        bool isImpossible = said.Outcome == QueryOutcome.Impossible || _unreadable >= MaxUnreadable;
        _probe = isImpossible || _services.Time.GetElapsedTime(_since) >= _maxAsking ? await _sender.ProbeAsync(givingUp) : null;
        if (_probe is not { } probe)
        {
            return true;
        }

        if (!probe.TakesPushes)
        {
            _takesPushesSince = null;
            return true;
        }

        _takesPushesSince ??= _services.Time.GetTimestamp();

        // A Loki that stood still may take a push before it answers a question.
        return !isImpossible && _services.Time.GetElapsedTime(_takesPushesSince.Value) < Confirmation.ArrivalTime;
    }

    private void Report(QueryAnswer said)
    {
        if (_probe is not { TakesPushes: false } refused)
        {
            DeliveryEvents.AskingFailed(_services.Logger, said.Message, Bound.TotalSeconds);
            return;
        }

        _sender.CountFailure();
        if (refused.Verdict == PushVerdict.Misconfigured)
        {
            DeliveryEvents.Misconfigured(_services.Logger, refused.Status, refused.Message, refused.Remedy, Bound.TotalSeconds);
        }
        else
        {
            DeliveryEvents.Retrying(_services.Logger, 0, refused.Status, refused.Message, Bound.TotalSeconds);
        }
    }
}
