using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Keeps a store as the API server has it: one list, then watches, each from where the one before ended. It never gives up.
/// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes.
/// </summary>
/// <remarks>One loop; <see cref="IsWatching"/> may be asked from anywhere.</remarks>
internal sealed class ResourceWatcher
{
    /// <summary>An object is at most 1.5 MiB in etcd; a longer line is none that the API server would send.</summary>
    internal const int MaxObjectBytes = 8 * 1024 * 1024;

    private const int MinTimeoutSeconds = 240;
    private const int MaxTimeoutSeconds = 480;
    private const int BufferBytes = 16 * 1024;

    /// <summary>As much of an error's body is read; the API server's are below 1 KiB.</summary>
    private const int MaxErrorBytes = 16 * 1024;
    private const int MaxShownChars = 512;

    /// <summary>How long the headers of an answer, and the whole of a list, may take.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A watch that nobody ended this long after its time is a connection with nobody at the other side.</summary>
    private static readonly TimeSpan SilenceAfterTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A watch that ends before this was no watch: asking again at once would never stop.</summary>
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);

    private readonly WatchedResource _resource;
    private readonly IResourceStore _store;
    private readonly ApiClient _client;
    private readonly ObjectReader _objects;
    private readonly TimeProvider _time;
    private readonly AgentMetrics _metrics;
    private readonly RequestTrouble _trouble;

    /// <summary>What the store shows; empty: nothing, so that it must begin anew.</summary>
    private string _version = "";
    private bool _isWatching;

    public ResourceWatcher(WatchedResource resource, IResourceStore store, ApiClient client, ObjectReader objects, TimeProvider time, ILogger logger, AgentMetrics metrics)
    {
        _resource = resource;
        _store = store;
        _client = client;
        _objects = objects;
        _time = time;
        _metrics = metrics;
        _trouble = new RequestTrouble(resource, client, time, logger, metrics);
    }

    /// <summary>True while a watch is open; the moment between two that follow one another counts.</summary>
    public bool IsWatching => Volatile.Read(ref _isWatching);

    /// <summary>Watches until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                bool lists = _version.Length == 0 && _resource.IsListed;
                string verb = lists ? "list" : "watch";
                RequestResult result = lists ? await ListAsync(stopping) : await WatchAsync(stopping);
                if (result.Verdict != RequestVerdict.Done)
                {
                    Volatile.Write(ref _isWatching, false);

                    // 400 is said of a version that is none; whatever else it means, a list is allowed after it.
                    _version = result.Verdict == RequestVerdict.Expired || result.Status == "400" ? "" : _version;
                    await _trouble.WaitAsync(verb, result, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // The top of the loop: a bug costs one request, not all metadata from now on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Volatile.Write(ref _isWatching, false);
                _version = "";
                await _trouble.WaitAfterBugAsync(e, stopping);
            }
        }

        Volatile.Write(ref _isWatching, false);
    }

    private async Task<RequestResult> ListAsync(CancellationToken stopping)
    {
        RequestResult result = await AskAsync("list", _resource.ListPath, AnswerTimeout, ReadListAsync, stopping);
        if (result.Verdict == RequestVerdict.Done)
        {
            _trouble.Recovered();
        }

        return result;
    }

    private Task<RequestResult> WatchAsync(CancellationToken stopping)
    {
        // Spread, or the agents of a cluster that started together would ask together for ever.
        int seconds = Random.Shared.Next(MinTimeoutSeconds, MaxTimeoutSeconds + 1);
        string path = _resource.WatchPath(_version.Length > 0 ? _version : "0", seconds);
        return AskAsync("watch", path, TimeSpan.FromSeconds(seconds) + SilenceAfterTimeout, ReadWatchAsync, stopping);
    }

    /// <summary>Sends a request and reads its answer, and makes values of everything that can go wrong on the way.</summary>
    private async Task<RequestResult> AskAsync(
        string verb, string path, TimeSpan bodyTimeout, Func<Stream, CancellationToken, Task<RequestResult>> read, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        bool hasAnswered = false;
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(path, _resource.Accept, either.Token);
            hasAnswered = true;
            Count(verb, ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return await ReadErrorAsync(response, either.Token);
            }

            timeout.CancelAfter(bodyTimeout);
            await using Stream body = await response.Content.ReadAsStreamAsync(either.Token);
            return await read(body, either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Fail("timeout", hasAnswered ? "the answer did not end in time: the connection was dropped" : "no answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            string message = e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } && _client.Refusal is { } refusal
                ? refusal
                : Innermost(e);

            // A proxy refused the tunnel.
            return Fail(e is HttpRequestException { StatusCode: HttpStatusCode.ProxyAuthenticationRequired } ? "407" : "error", message);
        }
        catch (ApiAccessException e)
        {
            return Fail("error", e.Message);
        }

        RequestResult Fail(string status, string message)
        {
            if (!hasAnswered)
            {
                Count(verb, status);
            }

            return new RequestResult(RequestVerdict.Failed, status, message);
        }
    }

    /// <summary>Takes over a list.</summary>
    internal async Task<RequestResult> ReadListAsync(Stream body, CancellationToken stopping)
    {
        var items = new List<ApiObject>();
        PipeReader pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: BufferBytes));
        try
        {
            var list = new ListReader(pipe, MaxObjectBytes);
            await list.ReadAsync(
                item =>
                {
                    if (TryDeserialize(item) is { } read)
                    {
                        items.Add(read);
                    }
                },
                stopping);
            if (string.IsNullOrEmpty(list.ResourceVersion))
            {
                return new RequestResult(RequestVerdict.Failed, "200", "the list has no resourceVersion");
            }

            int invalid = _store.Replace(items);
            _trouble.Skipped(SkipReasons.Invalid, invalid, "it has no name, namespace or uid");
            _trouble.Skipped(SkipReasons.TooLong, list.TooLong, $"it is longer than {MaxObjectBytes} bytes");
            _version = list.ResourceVersion;
            return new RequestResult(RequestVerdict.Done, "200", "");
        }
        catch (Exception e) when (ObjectReader.IsNoJson(e))
        {
            return new RequestResult(RequestVerdict.Failed, "200", $"the list makes no sense: {Shorten(e.Message)}");
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    /// <summary>Takes over events until the watch ends.</summary>
    internal async Task<RequestResult> ReadWatchAsync(Stream body, CancellationToken stopping)
    {
        long start = _time.GetTimestamp();
        Volatile.Write(ref _isWatching, true);
        int lines = 0;
        PipeReader pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: BufferBytes));
        var reader = new LineReader(pipe, MaxObjectBytes);
        try
        {
            while (await reader.MoveNextAsync(stopping))
            {
                if (Apply(reader.Line) is { } end)
                {
                    return end;
                }

                if (lines++ == 0)
                {
                    _trouble.Recovered();
                }
            }
        }
        catch (OperationCanceledException) when (lines == 0)
        {
            // A watch from a version of the future, as after etcd was restored, is silence as well: only a list finds out.
            _version = "";
            throw;
        }
        finally
        {
            _trouble.Skipped(SkipReasons.TooLong, reader.TooLong, $"it is longer than {MaxObjectBytes} bytes");
            await pipe.CompleteAsync();
        }

        if (_time.GetElapsedTime(start) < ShortestWatch)
        {
            return new RequestResult(RequestVerdict.Failed, "200", "the watch ended at once");
        }

        if (lines == 0)
        {
            // Not even a bookmark in all the time: see above.
            _version = "";
        }

        _trouble.Recovered();
        return new RequestResult(RequestVerdict.Done, "200", "");
    }

    /// <summary>Takes over one event.</summary>
    /// <returns>How the watch ended, if it did.</returns>
    private RequestResult? Apply(ReadOnlySequence<byte> line)
    {
        try
        {
            if (!WatchLine.TryRead(line, out WatchLine read))
            {
                _trouble.Skipped(SkipReasons.Invalid, 1, "an event has no type or no object");
                return null;
            }

            if (read.Type == "ERROR")
            {
                ApiStatus? status = ObjectReader.ReadError(read.Object);
                return ToResult(status?.Code ?? 500, status?.Message ?? "", status);
            }

            if (TryDeserialize(read.Object) is not { } item)
            {
                return null;
            }

            bool isValid = read.Type switch
            {
                "ADDED" or "MODIFIED" => _store.Put(item),
                "DELETED" => _store.Delete(item),
                _ => true,
            };
            if (!isValid)
            {
                _trouble.Skipped(SkipReasons.Invalid, 1, "it has no name, namespace or uid");
            }

            if (item.Metadata?.ResourceVersion is { Length: > 0 } version)
            {
                _version = version;
            }
        }
        catch (Exception e) when (ObjectReader.IsNoJson(e))
        {
            _trouble.Skipped(SkipReasons.Invalid, 1, Shorten(e.Message));
        }

        return null;
    }

    private ApiObject? TryDeserialize(ReadOnlySequence<byte> text)
    {
        try
        {
            ApiObject? item = _objects.Read(text);
            if (item is null)
            {
                _trouble.Skipped(SkipReasons.Invalid, 1, "it is null");
            }

            return item;
        }
        catch (Exception e) when (ObjectReader.IsNoJson(e))
        {
            _trouble.Skipped(SkipReasons.Invalid, 1, Shorten(e.Message));
            return null;
        }
    }

    private static async Task<RequestResult> ReadErrorAsync(HttpResponseMessage response, CancellationToken stopping)
    {
        var body = new byte[MaxErrorBytes];
        await using Stream stream = await response.Content.ReadAsStreamAsync(stopping);
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, stopping);

        // None where something between the agent and the API server answers in its own words.
        ApiStatus? status = ObjectReader.ReadError(new ReadOnlySequence<byte>(body, 0, length));
        RequestResult result = ToResult((int)response.StatusCode, status?.Message ?? Encoding.UTF8.GetString(body, 0, length).Trim(), status);
        return response.Headers.RetryAfter?.Delta is { } delay ? result with { RetryAfter = delay } : result;
    }

    private static RequestResult ToResult(int code, string message, ApiStatus? status)
    {
        // 504 where a version is newer than all that the API server has. What else a proxy means by 504 passes by itself.
        bool isExpired = code == (int)HttpStatusCode.Gone
            || (code == (int)HttpStatusCode.GatewayTimeout && status?.Reason == "Timeout");
        message = message.Length == 0 ? "without a word" : Shorten(message);
        return new RequestResult(isExpired ? RequestVerdict.Expired : RequestVerdict.Failed, code.ToString(CultureInfo.InvariantCulture), message);
    }

    private static string Shorten(string message) => message.Length > MaxShownChars ? message[..MaxShownChars] + "…" : message;

    private void Count(string verb, string status) => _metrics.KubernetesRequests.Add(1, _resource.Name, verb, status);

    /// <summary>The innermost message says what happened: "Connection refused", not "an error occurred".</summary>
    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is not null)
        {
            exception = exception.InnerException;
        }

        return exception.Message.TrimEnd('.');
    }
}
