using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>Sends the requests of one resource, and makes a result of everything that can go wrong on the way.</summary>
/// <remarks>For one watcher; not thread-safe.</remarks>
internal sealed class ApiRequests(WatchedResource resource, ApiClient client, TimeProvider time, AgentMetrics metrics)
{
    /// <summary>How long the headers of an answer may take, and the whole of a list.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Upper bound in bytes of what is read of an error's body. The API server's are below 1 KiB.</summary>
    private const int MaxErrorBytes = 16 * 1024;

    /// <summary>Sends a request and reads its answer.</summary>
    /// <param name="verb">The verb of RBAC: list or watch.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="bodyTimeout">How long the body may take.</param>
    /// <param name="read">Reads the body of a 200.</param>
    /// <param name="stopping">Cancels.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    public async Task<RequestResult> AskAsync(
        string verb, string path, TimeSpan bodyTimeout, Func<Stream, CancellationToken, Task<RequestResult>> read, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        bool hasAnswered = false;
        try
        {
            using HttpResponseMessage response = await client.GetAsync(path, resource.Accept, either.Token);
            hasAnswered = true;
            Count(((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return await ReadErrorAsync(response, either.Token) with { Verb = verb };
            }

            timeout.CancelAfter(bodyTimeout);
            await using Stream body = await response.Content.ReadAsStreamAsync(either.Token);
            return await read(body, either.Token) with { Verb = verb };
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Fail("timeout", hasAnswered ? "the answer did not end in time: the connection was dropped" : "no answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            string message = e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } && client.Refusal is { } refusal
                ? refusal
                : Failure.Describe(e);

            // A proxy refused the tunnel.
            return Fail(e is HttpRequestException { StatusCode: HttpStatusCode.ProxyAuthenticationRequired } ? "407" : "error", message);
        }
        catch (ApiAccessException e)
        {
            return Fail("error", e.Message) with { HasRemedy = true };
        }

        RequestResult Fail(string status, string message)
        {
            if (!hasAnswered)
            {
                Count(status);
            }

            return new RequestResult(RequestVerdict.Failed, status, message) { Verb = verb };
        }

        void Count(string status) => metrics.KubernetesRequests.Add(1, resource.Name, verb, status);
    }

    /// <summary>Makes a result of an error, sent instead of an answer or as an event of a watch.</summary>
    /// <param name="code">The HTTP status.</param>
    /// <param name="message">What was said.</param>
    /// <param name="status">The API server's own words; null if somebody else said it.</param>
    public static RequestResult ToResult(int code, string message, ApiStatus? status)
    {
        // The API server answers 504 to a version newer than all that it has. A proxy's 504 means something else, and passes by itself.
        bool isExpired = code == (int)HttpStatusCode.Gone
            || (code == (int)HttpStatusCode.GatewayTimeout && status?.Reason == "Timeout");
        message = message.Length == 0 ? "without a word" : Failure.Shorten(message);
        return new RequestResult(isExpired ? RequestVerdict.Expired : RequestVerdict.Failed, code.ToString(CultureInfo.InvariantCulture), message);
    }

    private static async Task<RequestResult> ReadErrorAsync(HttpResponseMessage response, CancellationToken stopping)
    {
        var body = new byte[MaxErrorBytes];
        await using Stream stream = await response.Content.ReadAsStreamAsync(stopping);
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, stopping);

        // Null if something between the agent and the API server answers in its own words.
        ApiStatus? status = ObjectReader.ReadError(new ReadOnlySequence<byte>(body, 0, length));
        RequestResult result = ToResult((int)response.StatusCode, status?.Message ?? Encoding.UTF8.GetString(body, 0, length).Trim(), status);
        return response.Headers.RetryAfter?.Delta is { } delay ? result with { RetryAfter = delay } : result;
    }
}
