using System.Globalization;
using System.Text.Json;

namespace Shipper.Tests.Faults;

/// <summary>
/// A real Loki, observed from outside. A log query may hide copies, so the entries are counted as well: those beyond the lines that were found are
/// copies. To freeze Loki, the process that listens on its port is stopped. It must run on this machine, as a user that this one may signal.
/// </summary>
internal sealed class RealLoki(Uri address) : ILokiUnderTest
{
    private const int PageSize = 5000;
    private const string Window = "4h";

    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
    private int? _process;

    public Uri Address => address;

    public string Cluster { get; } = $"faults-{Guid.NewGuid():N}";

    public Task<long> CountAsync() => CountAsync($"{{cluster=\"{Cluster}\"}}");

    public async Task<int> ReachedAsync(string pod)
    {
        JsonElement result = await GetAsync($"/loki/api/v1/query_range?query={Uri.EscapeDataString($"{LokiUnderTest.Labels(Cluster, pod)} != \"{StoredLine.MarkerPrefix}\"")}&since={Window}&limit=1&direction=backward");
        return result.GetArrayLength() == 0 ? 0 : PodLog.NumberOf(result[0].GetProperty("values")[0][1].GetString()!) + 1;
    }

    public async Task<Tally> TallyAsync(string pod, int written, ICollection<string>? findings = null)
    {
        string selector = LokiUnderTest.Labels(Cluster, pod);
        List<StoredLine> lines = await ReadAsync(selector);
        Tally shown = Tally.Of(written, lines, findings);
        long hidden = Math.Max(0, await CountAsync(selector) - lines.Count);
        return shown with { Duplicates = shown.Duplicates + hidden };
    }

    public string? CannotFreezeReason =>
        Process is null ? $"no process that this user may inspect listens on port {address.Port} of this machine" : null;

    private int? Process => _process ??= ListeningProcess.Find(address.Port);

    public void Freeze() => ListeningProcess.Signal(Process!.Value, "STOP");

    public void Thaw() => ListeningProcess.Signal(Process!.Value, "CONT");

    public void Dispose() => _http.Dispose();

    private async Task<long> CountAsync(string selector)
    {
        JsonElement result = await GetAsync($"/loki/api/v1/query?query={Uri.EscapeDataString($"sum(count_over_time({selector}[{Window}]))")}");
        return result.EnumerateArray().Sum(sample => long.Parse(sample.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
    }

    /// <summary>Reads page by page. Each page begins at the last time of the page before, and leaves out the lines already seen.</summary>
    private async Task<List<StoredLine>> ReadAsync(string selector)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long start = now.AddHours(-4).ToUnixTimeMilliseconds() * 1_000_000;
        long end = now.AddHours(1).ToUnixTimeMilliseconds() * 1_000_000;
        var lines = new List<StoredLine>();
        var seen = new HashSet<StoredLine>();
        while (true)
        {
            JsonElement result = await GetAsync(string.Create(
                CultureInfo.InvariantCulture, $"/loki/api/v1/query_range?query={Uri.EscapeDataString(selector)}&start={start}&end={end}&limit={PageSize}&direction=forward"));
            List<StoredLine> page =
            [
                .. result.EnumerateArray().SelectMany(stream => stream.GetProperty("values").EnumerateArray())
                    .Select(value => new StoredLine(long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture), value[1].GetString()!))
                    .OrderBy(line => line.TimestampNs),
            ];
            lines.AddRange(page.Where(line => line.TimestampNs > start || !seen.Contains(line)));
            if (page.Count < PageSize)
            {
                return lines;
            }

            start = page[^1].TimestampNs;
            seen = [.. page.Where(line => line.TimestampNs == start)];
        }
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{address} answered {(int)response.StatusCode}: {body}");
        using JsonDocument json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("data").GetProperty("result").Clone();
    }
}
