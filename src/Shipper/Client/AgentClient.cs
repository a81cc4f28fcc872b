using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Shipper.Native;
using Shipper.Status;
using Shipper.Status.Explaining;

namespace Shipper.Client;

/// <summary>Asks a running agent over HTTP.</summary>
internal sealed class AgentClient : IDisposable
{
    /// <summary>The address of an agent with the default configuration, on the same machine.</summary>
    public const string DefaultAddress = "http://localhost:2020";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;

    /// <param name="address">The address of the agent.</param>
    public AgentClient(Uri address)
    {
        // An agent answers only the same machine, so there is never a proxy in between.
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = ConnectTimeout, AllowAutoRedirect = false };
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = AnswerTimeout };
    }

    public Uri Address => _http.BaseAddress!;

    /// <summary>Returns what the agent is doing, as JSON.</summary>
    /// <exception cref="AgentUnavailableException">The agent gave no answer that can be used.</exception>
    public Task<string> GetStatusTextAsync(CancellationToken stopping) => GetAsync("api/status", isNotFoundExpected: false, stopping);

    /// <summary>Returns what the agent is doing.</summary>
    /// <exception cref="AgentUnavailableException">The agent gave no answer that can be used.</exception>
    public async Task<AgentStatus> GetStatusAsync(CancellationToken stopping) => Parse(await GetStatusTextAsync(stopping), StatusJson.Default.AgentStatus);

    /// <summary>Explains the logs of a pod, as JSON.</summary>
    /// <param name="target"><c>namespace/pod</c> or <c>namespace/pod/container</c>.</param>
    /// <exception cref="AgentUnavailableException">The agent gave no answer that can be used.</exception>
    public Task<string> ExplainTextAsync(string target, CancellationToken stopping) =>
        GetAsync($"api/explain/{string.Join('/', target.Split('/').Select(Uri.EscapeDataString))}", isNotFoundExpected: true, stopping);

    /// <summary>Parses what <see cref="ExplainTextAsync"/> returned.</summary>
    /// <exception cref="AgentUnavailableException">It is no explanation.</exception>
    public Explanation ParseExplanation(string text) => Parse(text, StatusJson.Default.Explanation);

    /// <summary>Opens a tap.</summary>
    /// <returns>The server-sent events.</returns>
    /// <exception cref="AgentUnavailableException">The agent does not answer, or refuses.</exception>
    public async Task<Stream> OpenTapAsync(string query, string stage, CancellationToken stopping)
    {
        HttpResponseMessage response = await SendAsync($"api/tap?query={Uri.EscapeDataString(query)}&stage={Uri.EscapeDataString(stage)}", stopping);
        if (!response.IsSuccessStatusCode)
        {
            throw await RefusalAsync(response, stopping);
        }

        return await response.Content.ReadAsStreamAsync(stopping);
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> GetAsync(string path, bool isNotFoundExpected, CancellationToken stopping)
    {
        using HttpResponseMessage response = await SendAsync(path, stopping);
        bool isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
        if (!isJson || !(response.IsSuccessStatusCode || (isNotFoundExpected && response.StatusCode == HttpStatusCode.NotFound)))
        {
            throw await RefusalAsync(response, stopping);
        }

        try
        {
            return await response.Content.ReadAsStringAsync(stopping);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new AgentUnavailableException($"The agent at {Address} broke the connection: {e.GetBaseException().MessageWithoutPeriod()}.", e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
        }
        catch (TaskCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new AgentUnavailableException($"Nothing answers at {Address} in time. Check that a shipper runs there, and its key server.listen (--address).");
        }
        catch (HttpRequestException e)
        {
            string remedy = e.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                ? "Check that a shipper runs there, and its key server.listen (--address)."
                : "Check the address (--address).";
            throw new AgentUnavailableException($"No agent answers at {Address}: {e.GetBaseException().MessageWithoutPeriod()}. {remedy}", e);
        }
    }

    private async Task<AgentUnavailableException> RefusalAsync(HttpResponseMessage response, CancellationToken stopping)
    {
        using (response)
        {
            string text = response.Content.Headers.ContentType?.MediaType == "text/plain" ? (await response.Content.ReadAsStringAsync(stopping)).Trim() : "";
            string message = response.StatusCode switch
            {
                HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.ServiceUnavailable when text.Length > 0 => text,
                HttpStatusCode.NotFound => $"What listens at {Address} is no shipper, or an older one.",
                _ => $"What listens at {Address} is no shipper: it answered {(int)response.StatusCode} {response.ReasonPhrase}.",
            };
            return new AgentUnavailableException(message) { IsRefusal = response.StatusCode == HttpStatusCode.BadRequest };
        }
    }

    private T Parse<T>(string text, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new AgentUnavailableException($"The agent at {Address} answers in a form that this version ({BuildVersion}) can't read. Use the program of its own image.", e);
        }
    }

    private static string BuildVersion => Telemetry.BuildInfo.Version;
}
