using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Loki;
using Shipper.Proxies;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Demo;

/// <summary>Audits a real Loki by querying it for the lines and for the number of entries.</summary>
/// <remarks>A log query hides that an entry is stored twice; count_over_time shows it.</remarks>
internal sealed class LokiAudit(Uri loki, TimeProvider time) : IDisposable
{
    private const int MaxLineBytes = 256 * 1024;

    // Queries go to the root of the server, regardless of the path of the pushes.
    private readonly PushClient _client = new(new LokiOptions { Url = new Uri(loki, "/") }, MaxLineBytes, time, NullLogger.Instance, new AgentMetrics());
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), Proxy = new RequestProxy(EnvironmentProxies.Current.Find) }) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Checks that Loki can be queried.</summary>
    /// <exception cref="HttpRequestException">Loki does not respond, or responds with an error.</exception>
    public async Task CheckAsync(string selector, CancellationToken stopping)
    {
        string query = Uri.EscapeDataString($"sum(count_over_time({selector}[1m]))");
        using JsonDocument answer = await GetAsync($"/loki/api/v1/query?query={query}", stopping);
    }

    /// <summary>Queries all entries of a stream and reports them to the audit.</summary>
    /// <param name="selector">Selects the stream.</param>
    /// <param name="audit">Receives the entries.</param>
    /// <param name="started">The time of the oldest entry, or an earlier time.</param>
    /// <param name="to">The time of the newest entry, or a later time.</param>
    /// <returns>The number of surplus entries, which Loki has stored more than once.</returns>
    /// <exception cref="HttpRequestException">Loki does not respond, or responds with an error.</exception>
    public async Task<long> CollectAsync(string selector, DeliveryAudit audit, DateTimeOffset started, DateTimeOffset to, CancellationToken stopping)
    {
        long end = UnixTime.ToNanoseconds(to);
        var delivered = new DeliveredEntries(selector, audit);
        for (long? from = UnixTime.ToNanoseconds(started); from is not null;)
        {
            QueryAnswer page = await _client.AskAsync(selector, from.Value, end, delivered, stopping);
            if (page.Outcome != QueryOutcome.Answered)
            {
                throw new HttpRequestException($"{loki} can't be queried, or is not a Loki: {page.Message}");
            }

            delivered.PreviousNewestNs = page.NewestNs;
            from = page.NextNs;
        }

        long seconds = (long)Math.Ceiling((to - started).TotalSeconds) + 1;
        string query = Uri.EscapeDataString($"sum(count_over_time({selector}[{seconds}s]))");
        using JsonDocument counted = await GetAsync($"/loki/api/v1/query?query={query}&time={end}", stopping);
        long entries = counted.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
            .Sum(sample => long.Parse(sample.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
        return Math.Max(0, entries - delivered.Count);
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    private async Task<JsonDocument> GetAsync(string path, CancellationToken stopping)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(loki, path), stopping);
            string body = await response.Content.ReadAsStringAsync(stopping);
            return response.IsSuccessStatusCode
                ? JsonDocument.Parse(body)
                : throw new HttpRequestException($"{loki} responded with {(int)response.StatusCode}: {body.Trim()}");
        }
        catch (Exception e) when (e is HttpRequestException { InnerException: not null } or TaskCanceledException { InnerException: TimeoutException } or JsonException)
        {
            throw new HttpRequestException($"{loki} can't be queried, or is not a Loki: {e.Message}", e);
        }
    }
}
