using Microsoft.Extensions.Logging;
using Polly;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Keeps a store in sync with the API server: one list, then successive watches, each from the end of the previous one. The watcher never gives up. Source:
/// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes.
/// </summary>
/// <remarks>Runs as one loop; only <see cref="IsWatching"/> is thread-safe.</remarks>
internal sealed class ResourceWatcher
{
    private const int MinTimeoutSeconds = 240;
    private const int MaxTimeoutSeconds = 480;

    /// <summary>If the server has not ended a watch this long after its timeout, the connection is dead.</summary>
    private static readonly TimeSpan SilenceAfterTimeout = TimeSpan.FromSeconds(30);

    private readonly WatchedResource _resource;
    private readonly ApiRequests _requests;
    private readonly RequestFailures _failures;
    private readonly StoreUpdater _objects;
    private readonly ListFeed _list;
    private readonly WatchFeed _watch;
    private readonly ResiliencePipeline<RequestResult> _retries;
    private bool _isWatching;

    public ResourceWatcher(WatchedResource resource, IResourceStore store, ApiClient client, ObjectReader reader, BackOff backOff, TimeProvider time, ILogger logger, AgentMetrics metrics)
    {
        _resource = resource;
        _requests = new ApiRequests(resource, client, time, metrics);
        _failures = new RequestFailures(resource, client, backOff, time, logger, metrics);
        _objects = new StoreUpdater(store, reader, _failures);
        _list = new ListFeed(_objects);
        _watch = new WatchFeed(_objects, _failures, time);
        _retries = _failures.CreateRetries();
    }

    /// <summary>True while a watch is open. The moment between two successive watches counts as open.</summary>
    public bool IsWatching => Volatile.Read(ref _isWatching);

    /// <summary>Watches until canceled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await _retries.ExecuteAsync(StepAsync, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The agent stops.
        }

        Volatile.Write(ref _isWatching, false);
    }

    /// <summary>Sends one list or watch request.</summary>
    private async ValueTask<RequestResult> StepAsync(CancellationToken stopping)
    {
        RequestResult result;
        try
        {
            result = _objects.Version.Length == 0 && _resource.StartsWithList ? await ListAsync(stopping) : await WatchAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // A bug must cost one request, not all metadata from now on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failures.ReportBug(e);
            result = new RequestResult(RequestVerdict.Bug, "", "");
        }

        if (result.Verdict != RequestVerdict.Done)
        {
            Volatile.Write(ref _isWatching, false);

            // The API server responds with 400 to an invalid version. Whatever else a 400 means, a list is a valid next step.
            _objects.Version = result.Verdict is RequestVerdict.Expired or RequestVerdict.Bug || result.Status == "400" ? "" : _objects.Version;
        }

        return result;
    }

    private async Task<RequestResult> ListAsync(CancellationToken stopping)
    {
        RequestResult result = await _requests.SendAsync("list", _resource.ListPath, ApiRequests.ResponseTimeout, _list.ReadAsync, stopping);
        if (result.Verdict == RequestVerdict.Done)
        {
            _failures.ReportSuccess();
        }

        return result;
    }

    private Task<RequestResult> WatchAsync(CancellationToken stopping)
    {
        // Random, because agents of a cluster that started together would otherwise send their requests together forever.
        int seconds = Random.Shared.Next(MinTimeoutSeconds, MaxTimeoutSeconds + 1);
        string path = _resource.WatchPath(_objects.Version.Length > 0 ? _objects.Version : "0", seconds);
        return _requests.SendAsync("watch", path, TimeSpan.FromSeconds(seconds) + SilenceAfterTimeout, ReadWatchAsync, stopping);
    }

    private Task<RequestResult> ReadWatchAsync(Stream body, CancellationToken stopping)
    {
        Volatile.Write(ref _isWatching, true);
        return _watch.ReadAsync(body, stopping);
    }
}
