using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>Sends the requests for one resource, and turns every failure into a result.</summary>
/// <remarks>Belongs to one watcher; not thread-safe.</remarks>
internal sealed class ApiRequests(WatchedResource resource, ApiClient client, TimeProvider time, AgentMetrics metrics)
{
    /// <summary>Maximum time until the headers of a response have arrived, or a whole list.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Maximum number of bytes to read of an error's body. Those of the API server are smaller than 1 KiB.</summary>
    private const int MaxErrorBytes = 16 * 1024;

    /// <summary>Sends a request and reads the response.</summary>
    /// <param name="verb">The RBAC verb: list or watch.</param>
    /// <param name="path">Path and query of the request.</param>
    /// <param name="bodyTimeout">Maximum time until the body has been read.</param>
    /// <param name="read">Reads the body of a response with status 200.</param>
    /// <param name="stopping">Cancels the request.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled.</exception>
    public async Task<RequestResult> SendAsync(
        string verb, string path, TimeSpan bodyTimeout, Func<Stream, CancellationToken, Task<RequestResult>> read, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(ResponseTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        bool hasResponse = false;
        try
        {
            using HttpResponseMessage response = await client.GetAsync(path, resource.Accept, either.Token);
            hasResponse = true;
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
            return Fail("timeout", hasResponse ? "the response did not end in time, so the connection was dropped" : "no response in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            string message = e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } && client.CertificateRefusal is { } refusal
                ? refusal
                : Failure.Describe(e);

            // 407 means that a proxy refused the tunnel.
            return Fail(e is HttpRequestException { StatusCode: HttpStatusCode.ProxyAuthenticationRequired } ? "407" : "error", message);
        }
        catch (ApiAccessException e)
        {
            return Fail("error", e.Message) with { HasRemedy = true };
        }

        RequestResult Fail(string status, string message)
        {
            if (!hasResponse)
            {
                Count(status);
            }

            return new RequestResult(RequestVerdict.Failed, status, message) { Verb = verb };
        }

        void Count(string status) => metrics.KubernetesRequests.Add(1, resource.Name, verb, status);
    }

    /// <summary>Turns an error that was sent as a response or as an event of a watch into a result.</summary>
    /// <param name="code">The HTTP status.</param>
    /// <param name="message">The error's text.</param>
    /// <param name="status">The API server's status object; null if something else, such as a proxy, sent the error.</param>
    public static RequestResult ToResult(int code, string message, ApiStatus? status)
    {
        // The API server responds with 504 to a version newer than any it has. A 504 from a proxy means something else and is temporary.
        bool isExpired = code == (int)HttpStatusCode.Gone
            || (code == (int)HttpStatusCode.GatewayTimeout && status?.Reason == "Timeout");
        message = message.Length == 0 ? "without a message" : Failure.Shorten(message);
        return new RequestResult(isExpired ? RequestVerdict.Expired : RequestVerdict.Failed, code.ToString(CultureInfo.InvariantCulture), message);
    }

    private static async Task<RequestResult> ReadErrorAsync(HttpResponseMessage response, CancellationToken stopping)
    {
        var body = new byte[MaxErrorBytes];
        await using Stream stream = await response.Content.ReadAsStreamAsync(stopping);
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, stopping);

        // Null if something between the agent and the API server sent the response.
        ApiStatus? status = ObjectReader.ReadError(new ReadOnlySequence<byte>(body, 0, length));
        RequestResult result = ToResult((int)response.StatusCode, status?.Message ?? Encoding.UTF8.GetString(body, 0, length).Trim(), status);
        return response.Headers.RetryAfter?.Delta is { } delay ? result with { RetryAfter = delay } : result;
    }
}
