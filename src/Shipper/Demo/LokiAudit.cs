using System.Globalization;
using System.Text.Json;
using Shipper.Proxies;

namespace Shipper.Demo;

/// <summary>Audits a real Loki by asking it: the lines themselves, and how many entries it counts.</summary>
/// <remarks>A log query hides an entry that is stored twice; count_over_time shows it.</remarks>
internal sealed class LokiAudit(Uri loki) : IDisposable
{
    private const int PageSize = 5_000;

    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), Proxy = new RequestProxy(EnvironmentProxies.Current.Find) }) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Makes sure that it can be asked.</summary>
    /// <exception cref="HttpRequestException">It does not answer, or with an error.</exception>
    public async Task CheckAsync(string selector, CancellationToken stopping)
    {
        string query = Uri.EscapeDataString($"sum(count_over_time({selector}[1m]))");
        using JsonDocument answer = await GetAsync($"/loki/api/v1/query?query={query}", stopping);
    }

    /// <summary>Asks for all entries of a stream and tells the audit.</summary>
    /// <returns>Entries that are stored more than once.</returns>
    /// <exception cref="HttpRequestException">Loki does not answer.</exception>
    public async Task<long> CollectAsync(string selector, Audit audit, DateTimeOffset from, DateTimeOffset to, CancellationToken stopping)
    {
        long lines = 0;
        long start = ToNanoseconds(from);
        long end = ToNanoseconds(to);
        while (true)
        {
            using JsonDocument page = await GetAsync(
                $"/loki/api/v1/query_range?query={Uri.EscapeDataString(selector)}&start={start}&end={end}&limit={PageSize}&direction=forward", stopping);
            int count = 0;
            foreach (JsonElement stream in page.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
            {
                foreach (JsonElement entry in stream.GetProperty("values").EnumerateArray())
                {
                    count++;
                    start = Math.Max(start, long.Parse(entry[0].GetString()!, CultureInfo.InvariantCulture));
                    audit.Delivered(selector, entry[1].GetString()!);
                }
            }

            lines += count;
            if (count < PageSize)
            {
                break;
            }

            // The agent gives each entry of a stream a time of its own.
            start++;
        }

        long seconds = (long)Math.Ceiling((to - from).TotalSeconds) + 1;
        string query = Uri.EscapeDataString($"sum(count_over_time({selector}[{seconds}s]))");
        using JsonDocument counted = await GetAsync($"/loki/api/v1/query?query={query}&time={end}", stopping);
        long entries = counted.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
            .Sum(sample => long.Parse(sample.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
        return Math.Max(0, entries - lines);
    }

    public void Dispose() => _http.Dispose();

    private static long ToNanoseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100;

    private async Task<JsonDocument> GetAsync(string path, CancellationToken stopping)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(loki, path), stopping);
            string body = await response.Content.ReadAsStringAsync(stopping);
            return response.IsSuccessStatusCode
                ? JsonDocument.Parse(body)
                : throw new HttpRequestException($"{loki} answered {(int)response.StatusCode}: {body.Trim()}");
        }
        catch (Exception e) when (e is HttpRequestException { InnerException: not null } or TaskCanceledException { InnerException: TimeoutException } or JsonException)
        {
            throw new HttpRequestException($"{loki} can't be asked, or is no Loki: {e.Message}", e);
        }
    }
}
