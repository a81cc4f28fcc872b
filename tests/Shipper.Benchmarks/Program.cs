using System.CommandLine;
using BenchmarkDotNet.Running;
using Shipper.Benchmarks.HotPath;
using Shipper.Benchmarks.Processes;
using Shipper.Benchmarks.Receiving;
using Shipper.Benchmarks.Reporting;
using Shipper.Benchmarks.Scenarios;
using Shipper.Benchmarks.Suite;

Scenario[] scenarios =
[
    new Throughput(),
    new OneCpu(),
    new SteadyRate(),
    new Idle(files: 30, maxMiB: 20, maxCores: 0.002),
    new Idle(files: 1_500, maxMiB: 24, maxCores: 0.01),
    new Latency(),
    new FileCount(),
    new Backlog(),
    new Startup(),
    new Journal(),
];

var binary = new Option<string>("--binary") { Description = "The published agent.", Required = true };
binary.Validators.Add(result =>
{
    if (!File.Exists(result.GetRequiredValue(binary)))
    {
        result.AddError($"--binary {result.GetRequiredValue(binary)}: there is no such file. Publish it first: dotnet publish src/Shipper -c Release -o out.");
    }
});
var peers = new Option<string[]>("--peer") { Description = $"Measure another agent too, given as NAME=COMMAND; {{root}} {{url}} {{state}} {{api}} are replaced in the command. There are targets for {string.Join(" and ", Peer.Targets.Keys)}." };
peers.Validators.Add(result =>
{
    foreach (string peer in (result.GetValue(peers) ?? []).Where(peer => Peer.Read(peer) is null))
    {
        result.AddError($"--peer {peer}: give it as NAME=COMMAND.");
    }
});
var only = new Option<string[]>("--only") { Description = $"Scenarios, instead of all of them: {string.Join(' ', scenarios.Select(scenario => scenario.Name))}.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. scenarios.Select(scenario => scenario.Name)]);
var runs = new Option<int>("--runs") { Description = "Repetitions where runs differ much; the one in the middle is reported.", DefaultValueFactory = _ => 5 };
runs.Validators.Add(result =>
{
    if (result.GetValue(runs) < 1)
    {
        result.AddError($"--runs {result.GetValue(runs)}: give 1 or more.");
    }
});
var backlog = new Option<double>("--backlog-gb") { Description = "Size of the backlog.", DefaultValueFactory = _ => 10 };
backlog.Validators.Add(result =>
{
    if (!(result.GetValue(backlog) > 0))
    {
        result.AddError($"--backlog-gb {result.GetValue(backlog)}: give more than 0.");
    }
});
var results = new Option<string?>("--results") { Description = "Write README.md, results.json and chart.svg to this directory." };

var all = new Command("all", "Measure the published agent, from file to acknowledged push.") { binary, peers, only, runs, backlog, results };
all.SetAction(async (parsed, stopping) =>
{
    string[] names = parsed.GetValue(only) ?? [];
    Scenario[] chosen = [.. scenarios.Where(scenario => names.Length == 0 || names.Contains(scenario.Name))];
    using var bench = new Bench
    {
        Ours = new PublishedAgent(parsed.GetRequiredValue(binary)),
        Peers = [.. (parsed.GetValue(peers) ?? []).Select(Peer.Read).OfType<Peer>()],
        Receiver = await ReceiverProcess.StartAsync(),
        Runs = parsed.GetValue(runs),
        BacklogGb = parsed.GetValue(backlog),
    };
    // Before the start: it takes the load of the machine.
    var report = new Report(bench, chosen, "dotnet run -c Release -- " + string.Join(' ', args.Select(argument => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument)), await bench.Ours.ReadVersionAsync());
    foreach (Scenario scenario in chosen)
    {
        try
        {
            await scenario.RunAsync(bench, stopping);
        }
        catch (InvalidOperationException e)
        {
            // What the machine lacks for one is no reason to throw away the others.
            bench.AddFault($"{scenario.Name}: {e.Message}");
        }
    }

    Console.WriteLine(report.ToMarkdown());
    if (parsed.GetValue(results) is { } directory)
    {
        await report.WriteAsync(directory, stopping);
    }

    return bench.Faults.Count == 0 ? 0 : 1;
});

var port = new Option<int>("--port") { Description = "Port to listen on; 0: any." };
var receive = new Command("receive", "Be the receiver of the measurements.") { port };
receive.SetAction(async (parsed, stopping) =>
{
    using var receiver = new Receiver(parsed.GetValue(port));
    await receiver.StartAsync();
    Console.WriteLine(receiver.Address);
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
});

var hotPath = new Command("hot-path", "Measure the steps of the hot path with BenchmarkDotNet; its own options follow.") { TreatUnmatchedTokensAsErrors = false };
hotPath.SetAction(parsed => BenchmarkSwitcher.FromAssembly(typeof(HotPathBenchmarks).Assembly).Run([.. parsed.UnmatchedTokens]));

return await new RootCommand("Measurements of shipper.") { all, receive, hotPath }.Parse(args).InvokeAsync();
