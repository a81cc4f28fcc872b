using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Shipper.Net;
using Shipper.Proxies;
using Shipper.Telemetry;

namespace Shipper.Loki;

/// <summary>Pushes to Loki over HTTP, and queries it.</summary>
/// <remarks>Thread-safe: all lanes share it.</remarks>
internal sealed class PushClient : IPushClient, IDisposable
{
    /// <summary>
    /// Upper bound of the characters of a response that are read. A refusal names each stream and second of its entries, so it may be three times as long as
    /// the request.
    /// </summary>
    private const int MaxBodyChars = 4 * 1024 * 1024;
    private const int FirstBodyChars = 4 * 1024;

    /// <summary>Entries of one page: well below Loki's own maximum (max_entries_limit_per_query, 5,000).</summary>
    private const int PageEntries = 2000;

    // An empty snappy block.
    private static readonly byte[] EmptyRequest = [0];

    /// <summary>Maximum age of a connection: new ones follow a changed DNS name.</summary>
    private static readonly TimeSpan MaxConnectionAge = TimeSpan.FromMinutes(5);

    private readonly LokiOptions _options;
    private readonly int _maxLineBytes;
    private readonly TimeProvider _time;
    private readonly AgentMetrics _metrics;
    private readonly Uri _url;
    private readonly Uri? _queryUrl;
    private readonly RequestProxy _proxy;
    private readonly HttpClient _http;

    // True if the body waits until the server asks for it (Expect: 100-continue), for at most a second.
    private volatile bool _asksFirst;

    /// <param name="options">Section <c>loki</c>.</param>
    /// <param name="maxLineBytes">Upper bound in bytes of a sent line.</param>
    /// <param name="proxies">The proxies of the environment; null for those of this process's environment.</param>
    /// <exception cref="CryptographicException">A certificate file has no valid certificate.</exception>
    /// <exception cref="IOException">A certificate file can't be read.</exception>
    public PushClient(LokiOptions options, int maxLineBytes, TimeProvider time, ILogger logger, AgentMetrics metrics, EnvironmentProxies? proxies = null)
    {
        _options = options;
        _maxLineBytes = maxLineBytes;
        _time = time;
        _metrics = metrics;
        _url = options.PushUrl;
        _queryUrl = options.QueryUrl;
        _proxy = new RequestProxy((proxies ?? EnvironmentProxies.Current).Find);
        var handler = new SocketsHttpHandler
        {
            Proxy = _proxy,
            SslOptions = new TlsFiles(options.Tls, logger).CreateOptions(),
            PooledConnectionLifetime = MaxConnectionAge,
            ConnectTimeout = options.Timeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = (connection, stopping) => LokiSocket.ConnectAsync(connection.DnsEndPoint, options.Timeout, stopping),
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        long start = _time.GetTimestamp();
        PushAnswer answer = await SendAsync(body, stopping);
        _metrics.PushDuration.Observe(_time.GetElapsedTime(start));
        _metrics.PushRequests.Add(answer.Status, 1);
        if (answer.Verdict == PushVerdict.Stored)
        {
            _metrics.RecordPushSuccess(_time.GetUtcNow());
        }

        bool mayBeTheProxys = answer.Verdict == PushVerdict.Misconfigured || answer.Status is "502" or "503" or "504";
        return answer with { Message = answer.Message + (mayBeTheProxys && !answer.Message.EndsWith(_proxy.Describe(_url), StringComparison.Ordinal) ? _proxy.Describe(_url) : "") };
    }

    public async Task<PushAnswer> ProbeAsync(CancellationToken stopping)
    {
        PushAnswer answer = await SendAsync(EmptyRequest, stopping);
        if (!answer.AcceptsPushes)
        {
            // Only failures count: the refusal of an empty push means nothing.
            _metrics.PushRequests.Add(answer.Status, 1);
        }

        return answer;
    }

    public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping) =>
        AskAsync(selector, fromNs, toNs, PageEntries, "forward", found, stopping);

    public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping) =>
        AskAsync(selector, fromNs, toNs, 1, "backward", null, stopping);

    public void Dispose() => _http.Dispose();

    private async Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, int limit, string direction, IEntryVisitor? found, CancellationToken stopping)
    {
        if (_queryUrl is null)
        {
            return new QueryAnswer(QueryOutcome.Impossible, $"{_url} does not end in {LokiOptions.PushPath}, so there is no known address for queries");
        }

        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            string query = string.Create(
                CultureInfo.InvariantCulture, $"?query={Uri.EscapeDataString(selector)}&start={fromNs}&end={toNs + 1}&limit={limit}&direction={direction}");
            var reader = new QueryAnswerReader(found, _maxLineBytes);
            if (await AskAsync(new Uri(_queryUrl, query), reader, either.Token) is { } failure)
            {
                return failure;
            }

            // The next page begins with the last time of this one, because more entries may have it. If this page had no other time, the next one begins after
            // it.
            long? newestNs = reader.Entries > 0 ? reader.NewestNs : null;
            return new QueryAnswer(QueryOutcome.Answered, NextNs: reader.Entries < limit ? null : newestNs > fromNs ? newestNs : fromNs + 1, NewestNs: newestNs);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new QueryAnswer(QueryOutcome.Failed, string.Create(CultureInfo.InvariantCulture, $"no response from {_queryUrl} within {_options.Timeout.TotalSeconds} s (loki.timeout){_proxy.Describe(_queryUrl)}"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new QueryAnswer(QueryOutcome.Failed, $"{_queryUrl}: {Failure.Describe(e)}{_proxy.Describe(_queryUrl)}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new QueryAnswer(QueryOutcome.Unreadable, $"{_queryUrl} does not respond like Loki: {e.Message}");
        }
        catch (SecretFileException e)
        {
            return new QueryAnswer(QueryOutcome.Failed, e.Message);
        }
    }

    /// <returns>The failure; null if Loki answered.</returns>
    private async Task<QueryAnswer?> AskAsync(Uri url, QueryAnswerReader reader, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        PushHeaders.Add(request.Headers, _options);
        _proxy.Authorize(request);

        // A cached response would not show an entry that was stored a moment ago.
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            // A proxy that does not let the query through lets no push through either, until somebody fixes that.
            bool canPass = (int)response.StatusCode is 407 or 408 or 429 or (>= 500 and not (int)HttpStatusCode.NotImplemented);
            string status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            (ReadOnlyMemory<char> body, _) = await ReadBodyAsync(response, stopping);
            return new QueryAnswer(canPass ? QueryOutcome.Failed : QueryOutcome.Impossible, $"{status} {AnswerMessage.Create(status, body.Span)}");
        }

        await reader.ReadAsync(await response.Content.ReadAsStreamAsync(stopping), stopping);
        return reader.IsComplete ? null : throw new JsonException("the response has no data.result");
    }

    private async Task<PushAnswer> SendAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        using var content = new PushContent(body);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = content };
            PushHeaders.Add(request.Headers, _options);
            _proxy.Authorize(request);
            request.Headers.ExpectContinue = _asksFirst ? true : null;
            using HttpResponseMessage response =
                await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                _asksFirst = false;
                return LokiAnswers.Read((int)response.StatusCode, "") with { Date = response.Headers.Date };
            }

            (ReadOnlyMemory<char> words, bool isCut) = await ReadBodyAsync(response, either.Token);
            if (response.Headers.Location is { } location)
            {
                // Leave out the query part, which may contain a secret.
                string address = location.IsAbsoluteUri ? location.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : location.OriginalString.Split('?')[0];
                words = $"redirected to {address}: set loki.url to the final address".AsMemory();
            }

            return response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired ? RefusedByProxy(response.StatusCode) : LokiAnswers.Read((int)response.StatusCode, words.Span, isCut) with { Date = response.Headers.Date };
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            await content.CloseAsync();
            string message = string.Create(CultureInfo.InvariantCulture, $"no response from {_url} within {_options.Timeout.TotalSeconds} s (loki.timeout){_proxy.Describe(_url)}");
            return new PushAnswer(NotStoredUnless(content.HasStartedSending), "timeout", message);
        }
        catch (HttpRequestException e) when (e is { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: { } status })
        {
            return RefusedByProxy(status);
        }
        catch (HttpRequestException e)
        {
            await content.CloseAsync();

            // The response may have been lost because the server did not read the whole body: a proxy that refuses the request does this.
            _asksFirst = content.HasStartedSending;
            return new PushAnswer(NotStoredUnless(content.HasStartedSending), "error", $"{_url}: {Failure.Describe(e)}{_proxy.Describe(_url)}");
        }
        catch (IOException e)
        {
            return new PushAnswer(PushVerdict.Unconfirmed, "error", $"{_url}: {Failure.Describe(e)}{_proxy.Describe(_url)}");
        }
        catch (SecretFileException e)
        {
            return new PushAnswer(PushVerdict.Misconfigured, "error", e.Message);
        }
        finally
        {
            await content.CloseAsync();
        }
    }

    /// <summary>Creates the answer for a request that the proxy refused or did not open a tunnel for. Some proxies respond with 401 instead of 407.</summary>
    private PushAnswer RefusedByProxy(HttpStatusCode status)
    {
        PushVerdict verdict = (int)status is >= 400 and < 500 and not (408 or 429) ? PushVerdict.Misconfigured : PushVerdict.NotStored;
        string text = status is HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.Unauthorized ? "407" : "error";
        return new PushAnswer(verdict, text, string.Create(CultureInfo.InvariantCulture, $"{_url}: the proxy refused the request with status {(int)status}{_proxy.Describe(_url)}"));
    }

    private static PushVerdict NotStoredUnless(bool hasBegun) => hasBegun ? PushVerdict.Unconfirmed : PushVerdict.NotStored;

    /// <returns>The text of a response, and true if this is only its beginning.</returns>
    private static async Task<(ReadOnlyMemory<char> Text, bool IsCut)> ReadBodyAsync(HttpResponseMessage response, CancellationToken stopping)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stopping), Encoding.UTF8);
        char[] body = new char[FirstBodyChars];
        for (int length = 0; ;)
        {
            int read = await reader.ReadAsync(body.AsMemory(length), stopping);
            length += read;
            if (read == 0 || length == MaxBodyChars)
            {
                return (body.AsMemory(0, length).Trim(), IsCut: read > 0);
            }

            if (length == body.Length)
            {
                Array.Resize(ref body, Math.Min(length * 2, MaxBodyChars));
            }
        }
    }
}
