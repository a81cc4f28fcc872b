using Microsoft.Extensions.Logging;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>What happens after a request that failed: a word in the log, not too often, and a wait.</summary>
/// <remarks>Not safe for concurrent use: each watcher has its own.</remarks>
internal sealed class RequestTrouble(WatchedResource resource, ApiClient client, TimeProvider time, ILogger logger, AgentMetrics metrics)
{
    private static readonly TimeSpan FirstBound = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastBound = TimeSpan.FromSeconds(30);

    /// <summary>
    /// When an API server forgets old versions, all agents must list at once; they do within this time.
    /// </summary>
    private static readonly TimeSpan ListBound = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SameEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SkippedEvery = TimeSpan.FromSeconds(10);

    private int _failures;
    private string _lastStatus = "";
    private long _lastLogged;
    private bool _hasSkipped;
    private long _lastSkipped;

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

    /// <summary>Says what failed and waits before the next try, with full jitter.</summary>
    public async Task WaitAsync(string verb, RequestResult result, CancellationToken stopping)
    {
        TimeSpan bound = NextBound();
        if (result.Verdict == RequestVerdict.Expired)
        {
            bound = bound > ListBound ? bound : ListBound;
            ApiEvents.Expired(logger, resource.Name, result.Status, result.Message, bound.TotalSeconds);
        }
        else if (_lastStatus != result.Status || time.GetElapsedTime(_lastLogged) >= SameEvery)
        {
            _lastStatus = result.Status;
            _lastLogged = time.GetTimestamp();
            ApiEvents.Failing(logger, verb, resource.Name, client.Server.Length > 0 ? client.Server + client.Via : "an address that is not known", result.Status, result.Message, Remedy(verb, result.Status), bound.TotalSeconds);
        }

        TimeSpan asked = result.RetryAfter < LastBound ? result.RetryAfter : LastBound;
        await WaitAsync(asked + Jitter.Draw(bound), stopping);
    }

    /// <summary>Says what must not happen and waits.</summary>
    public async Task WaitAfterBugAsync(Exception exception, CancellationToken stopping)
    {
        metrics.InternalErrors.Add(1);
        ApiEvents.Bug(logger, exception, resource.Name);
        await WaitAsync(Jitter.Draw(NextBound()), stopping);
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken stopping)
    {
        try
        {
            // Back-off: the API server does not tell when it will answer again.
            await Task.Delay(delay, time, stopping);
        }
        catch (OperationCanceledException)
        {
            // Told to stop, which the caller's loop checks.
        }
    }

    private TimeSpan NextBound()
    {
        TimeSpan bound = FirstBound * Math.Pow(2, Math.Min(_failures, 16));
        _failures++;
        return bound < LastBound ? bound : LastBound;
    }

    private string Remedy(string verb, string status) => status switch
    {
        "401" => $"The API server does not know {client.Credentials}: check that its account exists; a new token is used as soon as it is there",
        "403" => $"Grant the verb {verb} on {resource.Name} in a ClusterRole (apiGroups: [\"\"], resources: [{resource.Name}], verbs: [{(resource.IsListed ? "list, " : "")}watch]) and bind it to the agent's account",
        "407" => "Put the user and the password into the address of the proxy, as in http://USER:PASSWORD@HOST:PORT, or the API server's host into NO_PROXY",
        "404" => "Check the address of the API server in the kubeconfig",
        "error" or "timeout" => "Check that the node reaches the API server: network policies, proxies, and the address in the kubeconfig if there is one",
        _ => "It is tried again until it works",
    };
}
