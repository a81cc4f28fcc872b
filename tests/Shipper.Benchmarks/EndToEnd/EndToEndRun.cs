using System.Diagnostics;
using System.Text.Json;

namespace Shipper.Benchmarks.EndToEnd;

/// <summary>
/// Measures the published program as its own process, against the receiver as another, on files that are there when it
/// starts. CPU and memory are what the kernel accounts to it.
/// </summary>
internal sealed class EndToEndRun(string binary, int lines, int files, bool isJournal = false, bool isEnriched = false)
{
    private const double BytesPerMb = 1_000_000;
    private const double BytesPerMiB = 1024 * 1024;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(5);

    public async Task<EndToEndResult> RunAsync()
    {
        string root = Directory.CreateTempSubdirectory("shipper-benchmark-").FullName;
        try
        {
            return await RunAsync(root);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private async Task<EndToEndResult> RunAsync(string root)
    {
        long inputBytes = isJournal ? JournalWorkload.Write(root, lines) : Workload.Write(root, files, lines);
        using Process receiver = Start(Environment.ProcessPath!, "receive");
        string address = await receiver.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The receiver did not start.");
        string config = Path.Combine(root, "shipper.yaml");
        using PodApi? api = isEnriched ? new PodApi(files) : null;
        await (api?.StartAsync() ?? Task.CompletedTask);
        await File.WriteAllTextAsync(config, $$"""
            sources:
              containers:
                enabled: {{(isJournal ? "false" : "true")}}
                include: ["{{root}}/containers/*.log"]
              journal:
                enabled: {{(isJournal ? "true" : "false")}}
                directories: ["{{root}}/journal"]
                since: 168h
            loki:
              url: "{{address}}"
            state:
              path: "{{root}}/state"
            server:
              listen: "127.0.0.1:0"
            log:
              level: warn
              format: text
            {{api?.Configure(root) ?? "kubernetes: {enabled: false}"}}
            """);
        using var http = new HttpClient();
        double started = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        long start = Stopwatch.GetTimestamp();
        using Process agent = Start(binary, "run", "--config", config);
        try
        {
            ReceiverReport report;
            do
            {
                await Task.Delay(PollInterval, TimeProvider.System);
                report = await ReadReportAsync(http, address);
            }
            while (report.Lines < lines && !agent.HasExited && Stopwatch.GetElapsedTime(start) < MaxDuration);

            TimeSpan took = Stopwatch.GetElapsedTime(start);
            ProcessUsage busy = ProcessUsage.Read(agent.Id);
            await Task.Delay(IdleWait, TimeProvider.System);
            ProcessUsage idle = ProcessUsage.Read(agent.Id);
            report = await ReadReportAsync(http, address);
            return new EndToEndResult(
                lines,
                inputBytes / BytesPerMb,
                lines / busy.CpuSeconds,
                inputBytes / BytesPerMb / took.TotalSeconds,
                busy.CpuSeconds,
                busy.UserSeconds,
                busy.SystemSeconds,
                idle.PeakResidentBytes / BytesPerMiB,
                idle.ResidentBytes / BytesPerMiB,
                report.WireBytes / BytesPerMb,
                (report.FirstPush - started) * 1000,
                lines - (report.Lines - report.Twice),
                report.Twice,
                report.OutOfOrder);
        }
        finally
        {
            agent.Kill();
            receiver.Kill();
        }
    }

    private static async Task<ReceiverReport> ReadReportAsync(HttpClient http, string address) =>
        JsonSerializer.Deserialize<ReceiverReport>(await http.GetStringAsync(new Uri(address)))!;

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
}
