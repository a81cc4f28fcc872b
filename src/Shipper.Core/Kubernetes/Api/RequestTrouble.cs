using Microsoft.Extensions.Logging;
using Polly;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>Decides what follows a request that failed: a message, but not too often, and a wait.</summary>
/// <remarks>For one watcher; not thread-safe.</remarks>
internal sealed class RequestTrouble(WatchedResource resource, ApiClient client, BackOff backOff, TimeProvider time, ILogger logger, AgentMetrics metrics)
{
    private static readonly TimeSpan FirstBound = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastBound = TimeSpan.FromSeconds(30);

    /// <summary>
    /// When an API server forgets old versions, all agents must list at once; they do within this time.
    /// </summary>
    private static readonly TimeSpan ListBound = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SameEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SkippedEvery = TimeSpan.FromSeconds(10);

    // In a row.
    private int _failures;
    private string _lastStatus = "";
    private long _lastLogged;
    private bool _hasSkipped;
    private long _lastSkipped;

    /// <summary>How long watchers wait after a failure.</summary>
    public static BackOff CreateBackOff(TimeProvider time) => new(FirstBound, LastBound, time);

    /// <summary>The API server answers as it should.</summary>
    public void Recovered()
    {
        _failures = 0;
        if (_lastStatus.Length > 0)
        {
            _lastStatus = "";
            ApiEvents.Recovered(logger, resource.Name);
        }
    }

    /// <summary>Counts objects that were left out.</summary>
    public void Skipped(string reason, int count, string message)
    {
        if (count == 0)
        {
            return;
        }

        metrics.KubernetesSkippedObjects.Add(reason, count);
        if (!_hasSkipped || time.GetElapsedTime(_lastSkipped) >= SkippedEvery)
        {
            _hasSkipped = true;
            _lastSkipped = time.GetTimestamp();
            ApiEvents.ObjectSkipped(logger, resource.Name, message);
        }
    }

    /// <summary>Builds what repeats the requests.</summary>
    public ResiliencePipeline<RequestResult> CreateRetries() => Retries.Create<RequestResult>(
        backOff.Clock, mustRepeat: static (result, _) => ValueTask.FromResult(result.Verdict != RequestVerdict.Done), NextDelay, Report);

    /// <summary>Says what must not happen.</summary>
    public void ReportBug(Exception exception)
    {
        metrics.InternalErrors.Add(1);
        ApiEvents.Bug(logger, exception, resource.Name);
    }

    /// <summary>Counts a failure and draws the wait after it.</summary>
    private TimeSpan NextDelay(RequestResult result)
    {
        // Not the pipeline's attempts: after a watch that brought events, the first failure is the first again.
        _failures++;
        return backOff.Draw(BoundAfter(result), result.RetryAfter);
    }

    /// <summary>Says what failed, but not the same too often.</summary>
    private void Report(RequestResult result)
    {
        TimeSpan bound = BoundAfter(result);
        if (result.Verdict == RequestVerdict.Expired)
        {
            ApiEvents.Expired(logger, resource.Name, result.Status, result.Message, bound.TotalSeconds);
        }
        else if (result.Verdict == RequestVerdict.Failed && (_lastStatus != result.Status || time.GetElapsedTime(_lastLogged) >= SameEvery))
        {
            _lastStatus = result.Status;
            _lastLogged = time.GetTimestamp();
            ApiEvents.Failing(logger, result.Verb, resource.Name, client.Server.Length > 0 ? client.Server + client.Via : "an address that is not known", result.Status, result.Message, Remedy(result), bound.TotalSeconds);
        }
    }

    private TimeSpan BoundAfter(RequestResult result)
    {
        TimeSpan bound = backOff.Bound(_failures);
        return result.Verdict == RequestVerdict.Expired && bound < ListBound ? ListBound : bound;
    }

    private string Remedy(RequestResult result) => result.Status switch
    {
        _ when result.HasRemedy => "The agent tries again until it works",
        "401" => $"The API server does not know {client.Credentials}: check that its account exists; a new token is used as soon as it is there",
        "403" => $"Grant the verb {result.Verb} on {resource.Name} in a ClusterRole (apiGroups: [\"\"], resources: [{resource.Name}], verbs: [{(resource.IsListed ? "list, " : "")}watch]) and bind it to the agent's account",
        "407" => "Put the user and the password into the address of the proxy, as in http://USER:PASSWORD@HOST:PORT, or the API server's host into NO_PROXY",
        "404" => "Check the address of the API server in the kubeconfig",
        "error" or "timeout" => "Check that the node reaches the API server: network policies, proxies, and the address in the kubeconfig if there is one",
        _ => "The agent tries again until it works",
    };
}
