using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Shipper.Telemetry;

namespace Shipper.Loki;

/// <summary>Pushes to Loki over HTTP, and repeats what can still work.</summary>
/// <remarks>Safe for concurrent use: all lanes share it.</remarks>
internal sealed class PushClient : IPushClient, IDisposable
{
    /// <summary>What decides stands at the end of an answer, behind as many reasons and labels as Loki likes to list.</summary>
    private const int MaxBodyChars = 256 * 1024;
    private const int ChunkChars = 4 * 1024;

    /// <summary>As much of an answer is logged.</summary>
    private const int MaxShownChars = 1024;

    /// <summary>After this, connections are made anew, so that a changed DNS name is followed.</summary>
    private static readonly TimeSpan MaxConnectionAge = TimeSpan.FromMinutes(5);

    /// <summary>The largest bound of a wait while the agent stops.</summary>
    private static readonly TimeSpan MaxHurriedWait = TimeSpan.FromSeconds(1);

    private readonly LokiOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _hurry = new();
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly Uri _url;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline<PushAnswer> _pipeline;
    private readonly ResiliencePropertyKey<int> _recordsKey = new("records");
    private readonly ResiliencePropertyKey<int> _failuresKey = new("failures");
    private readonly ResiliencePropertyKey<bool> _leftOpenKey = new("left open");
    private readonly ResiliencePropertyKey<bool> _returnsRefusalsKey = new("returns refusals");
    private int _isFailing;

    /// <exception cref="CryptographicException">A certificate file holds no certificate.</exception>
    /// <exception cref="IOException">A certificate file can't be read.</exception>
    public PushClient(LokiOptions options, TimeProvider time, ILogger logger, AgentMetrics metrics)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _url = options.PushUrl;
        var handler = new SocketsHttpHandler
        {
            SslOptions = new TlsFiles(options.Tls, logger).CreateOptions(),
            PooledConnectionLifetime = MaxConnectionAge,
            ConnectTimeout = options.Timeout,
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _pipeline = new ResiliencePipelineBuilder<PushAnswer> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<PushAnswer>
            {
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = arguments => ValueTask.FromResult(IsRepeated(arguments.Outcome.Result, arguments.Context)),

                // OnRetry waits, because nothing but giving up could end this delay.
                DelayGenerator = static _ => ValueTask.FromResult<TimeSpan?>(TimeSpan.Zero),
                OnRetry = OnRetryAsync,
            })
            .Build();
    }

    public async Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, int records, bool returnsRefusals, CancellationToken stopping)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(stopping);
        context.Properties.Set(_recordsKey, records);
        context.Properties.Set(_returnsRefusalsKey, returnsRefusals);
        try
        {
            PushAnswer answer = await _pipeline.ExecuteAsync(
                static (context, state) => state.Client.PushOnceAsync(state.Body, context.CancellationToken),
                context,
                (Client: this, Body: body));
            Settle(answer);
            return answer with { Message = Shown(answer.Message) };
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>The agent stops: a wait between two tries ends now, and later ones are short.</summary>
    public void Hurry() => _hurry.Cancel();

    public void Dispose()
    {
        _http.Dispose();
        _hurry.Dispose();
    }

    private async ValueTask<PushAnswer> PushOnceAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        long start = _time.GetTimestamp();
        PushAnswer answer = await SendAsync(body, stopping);
        _metrics.PushDuration.Observe(_time.GetElapsedTime(start));
        _metrics.PushRequests.Add(answer.Status, 1);
        return answer;
    }

    private async Task<PushAnswer> SendAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        using var content = new PushContent(body);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = content };
            await PushHeaders.AddAsync(request.Headers, _options, either.Token);
            using HttpResponseMessage response =
                await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                return LokiAnswers.Read((int)response.StatusCode, "");
            }

            string message = await ReadBodyAsync(response, either.Token);
            if (response.Headers.Location is { } location)
            {
                // Without its query, which may hold a secret.
                string address = location.IsAbsoluteUri ? location.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : location.OriginalString.Split('?')[0];
                message = $"redirected to {address}: set loki.url to the address that answers";
            }

            return LokiAnswers.Read((int)response.StatusCode, message);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            await content.CloseAsync();
            string message = string.Create(CultureInfo.InvariantCulture, $"no answer from {_url} within {_options.Timeout.TotalSeconds} s (loki.timeout)");
            return new PushAnswer(PushVerdict.Retry, "timeout", message, IsLeftOpen: content.HasBegun);
        }
        catch (HttpRequestException e)
        {
            await content.CloseAsync();
            return new PushAnswer(PushVerdict.Retry, "error", $"{_url}: {Describe(e)}", IsLeftOpen: content.HasBegun);
        }
        catch (IOException e)
        {
            return new PushAnswer(PushVerdict.Retry, "error", $"{_url}: {Describe(e)}", IsLeftOpen: true);
        }
        catch (CredentialsException e)
        {
            return new PushAnswer(PushVerdict.Misconfigured, "error", e.Message);
        }
        finally
        {
            await content.CloseAsync();
        }
    }

    private static async Task<string> ReadBodyAsync(HttpResponseMessage response, CancellationToken stopping)
    {
        Stream stream = await response.Content.ReadAsStreamAsync(stopping);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var body = new StringBuilder();
        var chunk = new char[ChunkChars];
        for (int length; body.Length < MaxBodyChars && (length = await reader.ReadAsync(chunk, stopping)) > 0;)
        {
            body.Append(chunk, 0, length);
        }

        return body.ToString().Trim();
    }

    /// <summary>The innermost message says what happened: "Connection refused", not "an error occurred".</summary>
    private static string Describe(Exception exception)
    {
        while (exception.InnerException is not null)
        {
            exception = exception.InnerException;
        }

        return exception.Message.TrimEnd('.');
    }

    private static string Shown(string message) =>
        message.Length == 0 ? "without a word" : message.Length > MaxShownChars ? message[..MaxShownChars] + "…" : message;

    /// <summary>Only failures that can pass use up the limit: a wrong configuration is waited for.</summary>
    private bool IsRepeated(PushAnswer answer, ResilienceContext context)
    {
        if (answer.Verdict != PushVerdict.Retry)
        {
            return answer.Verdict == PushVerdict.Misconfigured;
        }

        if (answer.RefusedStream is not null && context.Properties.GetValue(_returnsRefusalsKey, false))
        {
            return false;
        }

        // While the agent stops it tries more often, and what is left over is read again at the next start.
        if (_hurry.IsCancellationRequested)
        {
            return true;
        }

        int failures = context.Properties.GetValue(_failuresKey, 0) + 1;
        context.Properties.Set(_failuresKey, failures);
        return _options.Retry.Limit == 0 || failures <= _options.Retry.Limit;
    }

    /// <summary>
    /// The bound of a wait: it doubles from the initial to the largest. A wrong configuration gets the largest at once.
    /// </summary>
    private TimeSpan Bound(PushAnswer answer, int attempt)
    {
        return answer.Verdict == PushVerdict.Misconfigured
            ? _options.Retry.Max
            : TimeSpan.FromTicks((long)Math.Min(_options.Retry.Max.Ticks, _options.Retry.Initial.Ticks * Math.Pow(2, attempt)));
    }

    /// <summary>
    /// Full jitter: evenly between 0 and the bound, so that agents that failed together do not return together. Source:
    /// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    /// </summary>
    private async Task WaitAsync(TimeSpan bound, CancellationToken stopping)
    {
        if (_hurry.IsCancellationRequested)
        {
            bound = bound < MaxHurriedWait ? bound : MaxHurriedWait;
            await Task.Delay(bound * Random.Shared.NextDouble(), _time, stopping);
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, _hurry.Token);
        try
        {
            await Task.Delay(bound * Random.Shared.NextDouble(), _time, either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    private async ValueTask OnRetryAsync(OnRetryArguments<PushAnswer> arguments)
    {
        PushAnswer answer = arguments.Outcome.Result;
        int records = arguments.Context.Properties.GetValue(_recordsKey, 0);
        TimeSpan bound = Bound(answer, arguments.AttemptNumber);
        Volatile.Write(ref _isFailing, 1);
        _metrics.PushRetries.Add(1);
        if (answer.IsLeftOpen && !arguments.Context.Properties.GetValue(_leftOpenKey, false))
        {
            arguments.Context.Properties.Set(_leftOpenKey, true);
            _metrics.PossibleDuplicates.Add(records);
        }

        if (answer.Verdict == PushVerdict.Misconfigured)
        {
            PushLog.Misconfigured(_logger, answer.Status, Shown(answer.Message), Remedy(answer.Status), bound.TotalSeconds);
        }
        else
        {
            PushLog.Retrying(_logger, records, answer.Status, Shown(answer.Message), bound.TotalSeconds);
        }

        await WaitAsync(bound, arguments.Context.CancellationToken);
    }

    private void Settle(PushAnswer answer)
    {
        if (answer.Verdict is not PushVerdict.Retry && Interlocked.Exchange(ref _isFailing, 0) == 1)
        {
            PushLog.Recovered(_logger);
        }
    }

    private static string Remedy(string status) => status switch
    {
        "401" or "403" => "Check loki.tenant and the credentials",
        "404" or "405" => "Check the path of loki.url",
        "413" => "Something on the way limits the size of a request: raise its limit or lower loki.batch.size",
        "260" => "The operator of Loki has blocked ingestion for this tenant",
        _ => "Check the section loki of the configuration, and what stands between the agent and Loki",
    };
}
