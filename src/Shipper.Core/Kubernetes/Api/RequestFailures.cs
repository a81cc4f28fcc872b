using Microsoft.Extensions.Logging;
using Polly;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>Handles failed requests: logs them with a rate limit, and decides how long to wait before the retry.</summary>
/// <remarks>Belongs to one watcher; not thread-safe.</remarks>
internal sealed class RequestFailures(WatchedResource resource, ApiClient client, BackOff backOff, TimeProvider time, ILogger logger, AgentMetrics metrics)
{
    private static readonly TimeSpan InitialBound = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxBound = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Upper bound of the wait before a list. If an API server forgets old versions, all agents must list again: they spread over this time.
    /// </summary>
    private static readonly TimeSpan ListBound = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RepeatLogInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SkippedLogInterval = TimeSpan.FromSeconds(10);

    // Consecutive failures.
    private int _failures;
    private string _lastStatus = "";
    private long _lastLogged;
    private bool _hasSkipped;
    private long _lastSkipped;

    /// <summary>Creates the back-off that all watchers share.</summary>
    public static BackOff CreateBackOff(TimeProvider time) => new(InitialBound, MaxBound, time);

    /// <summary>Resets the back-off after a success, and logs the recovery if a failure was logged.</summary>
    public void ReportSuccess()
    {
        _failures = 0;
        if (_lastStatus.Length > 0)
        {
            _lastStatus = "";
            ApiEvents.Recovered(logger, resource.Name);
        }
    }

    /// <summary>Counts skipped objects, and logs them with a rate limit.</summary>
    public void CountSkipped(string reason, int count, string message)
    {
        if (count == 0)
        {
            return;
        }

        metrics.KubernetesSkippedObjects.Add(reason, count);
        if (!_hasSkipped || time.GetElapsedTime(_lastSkipped) >= SkippedLogInterval)
        {
            _hasSkipped = true;
            _lastSkipped = time.GetTimestamp();
            ApiEvents.ObjectSkipped(logger, resource.Name, message);
        }
    }

    /// <summary>Creates the pipeline that retries the requests.</summary>
    public ResiliencePipeline<RequestResult> CreateRetries() => Retries.Create<RequestResult>(
        backOff.Clock, shouldRetry: static (result, _) => ValueTask.FromResult(result.Verdict != RequestVerdict.Done), NextDelay, Report);

    /// <summary>Counts and logs an exception that is a bug.</summary>
    public void ReportBug(Exception exception)
    {
        metrics.InternalErrors.Add(1);
        ApiEvents.Bug(logger, exception, resource.Name);
    }

    /// <summary>Counts a failure and draws the wait before the retry.</summary>
    private TimeSpan NextDelay(RequestResult result)
    {
        // The pipeline's number of attempts can't be used: a watch that delivered events resets the count.
        _failures++;
        return backOff.DrawWait(BoundAfter(result), result.RetryAfter);
    }

    /// <summary>Logs a failure. A failure with the same status is logged at most once a minute.</summary>
    private void Report(RequestResult result)
    {
        TimeSpan bound = BoundAfter(result);
        if (result.Verdict == RequestVerdict.Expired)
        {
            ApiEvents.VersionExpired(logger, resource.Name, result.Status, result.Message, bound.TotalSeconds);
        }
        else if (result.Verdict == RequestVerdict.Failed && (_lastStatus != result.Status || time.GetElapsedTime(_lastLogged) >= RepeatLogInterval))
        {
            _lastStatus = result.Status;
            _lastLogged = time.GetTimestamp();
            ApiEvents.Failing(logger, result.Verb, resource.Name, client.Server.Length > 0 ? client.Server + client.ProxySuffix : "an unknown address", result.Status, result.Message, Remedy(result), bound.TotalSeconds);
        }
    }

    private TimeSpan BoundAfter(RequestResult result)
    {
        TimeSpan bound = backOff.BoundAfter(_failures);
        return result.Verdict == RequestVerdict.Expired && bound < ListBound ? ListBound : bound;
    }

    private string Remedy(RequestResult result) => result.Status switch
    {
        _ when result.HasRemedy => "The agent retries until the request succeeds",
        "401" => $"The API server does not accept {client.CredentialsOrigin}: check that the account exists. The agent uses new credentials as soon as they are available",
        "403" => $"Grant the verb {result.Verb} on {resource.Name} in a ClusterRole (apiGroups: [\"\"], resources: [{resource.Name}], verbs: [{(resource.StartsWithList ? "list, " : "")}watch]) and bind it to the agent's account",
        "407" => "Add the user and the password to the proxy's address, as in http://USER:PASSWORD@HOST:PORT, or add the API server's host to NO_PROXY",
        "404" => "Check the address of the API server in the kubeconfig",
        "error" or "timeout" => "Check that the node can reach the API server: network policies, proxies, and the address in the kubeconfig if there is one",
        _ => "The agent retries until the request succeeds",
    };
}
