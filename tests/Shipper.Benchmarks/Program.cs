using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using BenchmarkDotNet.Running;
using Shipper.Benchmarks.EndToEnd;

var binary = new Option<string>("--binary") { Description = "The published agent.", Required = true };
var lines = new Option<int>("--lines") { Description = "Lines in all files together.", DefaultValueFactory = _ => 2_000_000 };
var files = new Option<int>("--files") { Description = "Files.", DefaultValueFactory = _ => 20 };
var runs = new Option<int>("--runs") { Description = "Repetitions; the one in the middle by lines per CPU second is reported.", DefaultValueFactory = _ => 3 };
var enrichment = new Option<bool>("--enrichment") { Description = "Measure in turn without and with labels and metadata from an API server, and print the ratio." };
var journal = new Option<bool>("--journal") { Description = "Lines are entries of a systemd journal instead (needs systemd-journal-remote)." };
var json = new Option<string?>("--json") { Description = "Also write the result to this file." };

var endToEnd = new Command("end-to-end", "Measure the published agent from file to acknowledged push.") { binary, lines, files, runs, enrichment, journal, json };
endToEnd.SetAction(async (result, stopping) =>
{
    var results = new List<EndToEndResult>();
    var enriched = new List<EndToEndResult>();
    for (int run = 0; run < result.GetValue(runs); run++)
    {
        EndToEndResult one = await new EndToEndRun(result.GetRequiredValue(binary), result.GetValue(lines), result.GetValue(files), result.GetValue(journal)).RunAsync();
        results.Add(one);
        if (result.GetValue(enrichment))
        {
            EndToEndResult with = await new EndToEndRun(result.GetRequiredValue(binary), result.GetValue(lines), result.GetValue(files), isEnriched: true).RunAsync();
            enriched.Add(with);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"enriched: {with.LinesPerCpuSecond:N0} lines per CPU second, peak {with.PeakMiB:N1} MiB, lost {with.Lost}, twice {with.Twice}"));
        }

        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run {run + 1}: {one.LinesPerCpuSecond:N0} lines per CPU second, peak {one.PeakMiB:N1} MiB, lost {one.Lost}, twice {one.Twice}"));
    }

    if (enriched.Count > 0)
    {
        double ratio = enriched.OrderBy(one => one.LinesPerCpuSecond).ElementAt(enriched.Count / 2).LinesPerCpuSecond
            / results.OrderBy(one => one.LinesPerCpuSecond).ElementAt(results.Count / 2).LinesPerCpuSecond;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"with enrichment: {ratio:P1} of the lines per CPU second\n"));
    }

    EndToEndResult median = results.OrderBy(one => one.LinesPerCpuSecond).ElementAt(results.Count / 2);
    Console.WriteLine($"{EndToEndResult.Machine}\n");
    Console.WriteLine(median.ToTable());
    if (result.GetValue(json) is { } path)
    {
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { EndToEndResult.Machine, Result = median }, new JsonSerializerOptions { WriteIndented = true }) + "\n", stopping);
    }

    return results.Concat(enriched).All(one => one is { Lost: 0, Twice: 0, OutOfOrder: 0 }) ? 0 : 1;
});

var port = new Option<int>("--port") { Description = "Port to listen on; 0: any." };
var receive = new Command("receive", "Be the receiver of the measurement.") { port };
receive.SetAction(async (result, stopping) =>
{
    using var receiver = new Receiver(result.GetValue(port));
    await receiver.StartAsync();
    Console.WriteLine(receiver.Address);
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
});

var hotPath = new Command("hot-path", "Measure the steps of the hot path with BenchmarkDotNet; its own options follow.") { TreatUnmatchedTokensAsErrors = false };
hotPath.SetAction(result => BenchmarkSwitcher.FromAssembly(typeof(EndToEndRun).Assembly).Run([.. result.UnmatchedTokens]));

return await new RootCommand("Measurements of shipper.") { endToEnd, receive, hotPath }.Parse(args).InvokeAsync();
