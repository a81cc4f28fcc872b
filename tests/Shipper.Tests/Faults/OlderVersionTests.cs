using System.Globalization;
using System.Text;
using System.Text.Json;
using Shipper.Testing.Kubernetes;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>The state directory was written by an older version that was killed during a push.</summary>
public class OlderVersionTests
{
    private const int Later = 10;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_StateOfOlderVersion_ResumesWhereItEnded(bool isSameBoot)
    {
        using LokiDouble loki = await StartLokiAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();

        // The API server refuses the agent, which knows only from its state which outputs the pod excludes.
        api.Token = "another";
        using (NodeDirectory node = RecordedNode.Restore(isSameBoot))
        {
            await TakeOverAsync(node, api, loki, inFlight: true);
        }

        // Again, but now Loki had stored the push that was in flight. The agent asks, and sends nothing twice.
        using NodeDirectory again = RecordedNode.Restore(isSameBoot);
        await TakeOverAsync(again, api, loki, inFlight: false);
        Assert.NotEmpty(loki.Queries);
    }

    /// <summary>Starts an agent on the node, lets its pods write some more, and starts another agent.</summary>
    /// <param name="inFlight">True if Loki does not have the push that was in flight.</param>
    private static async Task TakeOverAsync(NodeDirectory node, ApiServerDouble api, LokiDouble loki, bool inFlight)
    {
        int before = loki.Count();
        int webFrom = inFlight ? RecordedNode.WebAcknowledged : RecordedNode.WebLines;
        int fastFrom = inFlight ? RecordedNode.FastAcknowledged : RecordedNode.FastLines;
        string[] webAgain = WebLinesOf(webFrom, RecordedNode.WebLines);
        string[] fastAgain = FastLinesOf(fastFrom, RecordedNode.FastLines);
        string[] web = [.. webAgain, .. WebLinesOf(RecordedNode.WebLines, RecordedNode.WebLines + Later)];
        string[] fast = [.. fastAgain, .. FastLinesOf(RecordedNode.FastLines, RecordedNode.FastLines + Later)];
        long written = RecordedNode.LogBytes;
        await using (RunningShipper first = Start(node, api, loki))
        {
            await first.WaitUntilReadyAsync();
            written += Append(node, "shop", RecordedNode.WebLines) + Append(node, "logs", RecordedNode.FastLines);
            await WaitUntilAllIsAcknowledgedAsync(first, written);

            // The recording is older than two hours, so a query may miss what Loki has: every line that is sent again counts as a possible duplicate.
            Assert.Equal(webAgain.Length + fastAgain.Length, await PossibleDuplicatesAsync(first));
            Assert.Equal(0, await first.StopAsync());
        }

        await using RunningShipper second = Start(node, api, loki);
        await second.WaitUntilReadyAsync();
        await WaitUntilAllIsAcknowledgedAsync(second, written);
        Assert.Equal(0, await PossibleDuplicatesAsync(second));
        Assert.Equal(0, await second.StopAsync());

        Assert.Equal(web, LinesOf(loki, "shop").TakeLast(web.Length));
        Assert.Equal(fast, LinesOf(loki, "logs").TakeLast(fast.Length));
        Assert.Equal(before + web.Length + fast.Length, loki.Count());
    }

    /// <summary>Waits until the ledger accounts for all bytes. It adds up only with the entries of the older version.</summary>
    private static async Task WaitUntilAllIsAcknowledgedAsync(RunningShipper sut, long written)
    {
        JsonElement totals = default;
        await RunningShipper.WaitUntilAsync(
            async () =>
            {
                totals = await TotalsAsync(sut);
                return totals.GetProperty("written").GetInt64() == written && totals.GetProperty("pending").GetInt64() == 0;
            },
            () => $"Not all of {written} bytes are acknowledged: {totals}\n{string.Join('\n', sut.Log)}");
        Assert.Empty(totals.GetProperty("lost").EnumerateObject());
        Assert.Equal(["excluded"], totals.GetProperty("dropped").EnumerateObject().Select(reason => reason.Name));
    }

    private static async Task<double> PossibleDuplicatesAsync(RunningShipper sut) => (await sut.GetMetricsAsync())["shipper_possible_duplicate_records_total"];

    /// <summary>Appends the next lines to a pod's log.</summary>
    /// <returns>Number of bytes written.</returns>
    private static long Append(NodeDirectory node, string ns, int from)
    {
        string log = Directory.EnumerateFiles(Path.Combine(node.Root, "log/pods"), "0.log", SearchOption.AllDirectories).Single(path => path.Contains($"/{ns}_", StringComparison.Ordinal));
        var text = new StringBuilder();
        for (int number = from; number < from + Later; number++)
        {
            string time = TimeProvider.System.GetUtcNow().AddTicks(number).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
            text.Append(time).Append(number % 7 == 0 ? " stderr F " : " stdout F ").Append(CriWriter.Line(number)).Append('\n');
        }

        File.AppendAllText(log, text.ToString());
        return text.Length;
    }

    /// <summary>Returns the lines that the pod does not exclude.</summary>
    private static string[] WebLinesOf(int from, int to) => [.. Enumerable.Range(from, to - from).Where(number => number % 7 != 0).Select(CriWriter.Line)];

    private static string[] FastLinesOf(int from, int to) => [.. Enumerable.Range(from, to - from).Select(CriWriter.Line)];

    private static IEnumerable<string> LinesOf(LokiDouble loki, string ns) =>
        loki.GetStoredStreams().Where(stream => stream.Key.Contains($"namespace=\"{ns}\"", StringComparison.Ordinal)).SelectMany(stream => stream.Value).Select(entry => entry.Line);

    private static async Task<JsonElement> TotalsAsync(RunningShipper sut)
    {
        using JsonDocument status = JsonDocument.Parse(await sut.GetTextAsync("/api/status"));
        return status.RootElement.GetProperty("totals").Clone();
    }

    /// <summary>Starts a Loki that accepts and returns lines as old as the recording, and keeps every copy.</summary>
    private static Task<LokiDouble> StartLokiAsync() =>
        LokiDouble.StartAsync(new LokiLimits { MaxAge = TimeSpan.FromDays(36_500), QueryIngestersWithin = TimeSpan.FromDays(36_500), BlockBytes = 0 });

    private static RunningShipper Start(NodeDirectory node, ApiServerDouble api, LokiDouble loki)
    {
        string kubeconfig = Path.Combine(node.Root, "kubeconfig");
        File.WriteAllText(kubeconfig, $$$"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: agent}}]
            clusters: [{name: test, cluster: {server: "{{{api.Address}}}"}}]
            users: [{name: agent, user: {token: secret}}]
            """);
        return RunningShipper.Start(node, loki.Address, $"kubernetes:\n  kubeconfig: {kubeconfig}\n  labels: {{}}");
    }
}
