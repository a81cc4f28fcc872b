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
    new Processing(),
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

var binary = new Option<string>("--binary") { Description = "Path of the published agent.", Required = true };
binary.Validators.Add(result =>
{
    if (!File.Exists(result.GetRequiredValue(binary)))
    {
        result.AddError($"--binary {result.GetRequiredValue(binary)}: there is no such file. Publish the agent first: dotnet publish src/Shipper -c Release -o out.");
    }
});
var peers = new Option<string[]>("--peer") { Description = $"Also measure another agent, given as NAME=COMMAND. {{root}} {{url}} {{state}} {{api}} are replaced in the command. There are targets for {string.Join(" and ", Peer.Targets.Keys)}." };
peers.Validators.Add(result =>
{
    foreach (string peer in (result.GetValue(peers) ?? []).Where(peer => Peer.Parse(peer) is null))
    {
        result.AddError($"--peer {peer}: write NAME=COMMAND.");
    }
});
var only = new Option<string[]>("--only") { Description = $"Run only these scenarios: {string.Join(' ', scenarios.Select(scenario => scenario.Name))}.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. scenarios.Select(scenario => scenario.Name)]);
var runs = new Option<int>("--runs") { Description = "Number of runs of the scenarios whose results vary. The median is reported.", DefaultValueFactory = _ => 5 };
runs.Validators.Add(result =>
{
    if (result.GetValue(runs) < 1)
    {
        result.AddError($"--runs {result.GetValue(runs)}: write 1 or more.");
    }
});
var backlog = new Option<double>("--backlog-gb") { Description = "Size of the backlog in GB.", DefaultValueFactory = _ => 10 };
backlog.Validators.Add(result =>
{
    if (!(result.GetValue(backlog) > 0))
    {
        result.AddError($"--backlog-gb {result.GetValue(backlog)}: write a number above 0.");
    }
});
var processing = new Option<string[]>("--processing")
{
    Description = $"Settings of the scenario processing: {string.Join(' ', ProcessingSetting.All.Select(setting => setting.Name))}. Ratios need off.",
    AllowMultipleArgumentsPerToken = true,
};
processing.AcceptOnlyFromAmong([.. ProcessingSetting.All.Select(setting => setting.Name)]);
var fluentBit = new Option<string?>("--fluent-bit") { Description = "Path of Fluent Bit, to compare the scenario processing with." };
var results = new Option<string?>("--results") { Description = "Write README.md, results.json and chart.svg to this directory." };

var all = new Command("all", "Measure the published agent, from the file to the acknowledged push.") { binary, peers, only, runs, backlog, processing, fluentBit, results };
all.SetAction(async (parsed, stopping) =>
{
    string[] names = parsed.GetValue(only) ?? [];
    string[] settings = parsed.GetValue(processing) ?? [];
    Scenario[] chosen = [.. scenarios.Where(scenario => names.Length == 0 || names.Contains(scenario.Name))];
    using var bench = new BenchmarkRun
    {
        Ours = new PublishedAgent(parsed.GetRequiredValue(binary)),
        Peers = [.. (parsed.GetValue(peers) ?? []).Select(Peer.Parse).OfType<Peer>()],
        Processing = [.. ProcessingSetting.All.Where(setting => settings.Length == 0 || settings.Contains(setting.Name))],
        FluentBit = parsed.GetValue(fluentBit) is { } path ? new FluentBitProcessing(path) : null,
        Receiver = await ReceiverProcess.StartAsync(),
        Runs = parsed.GetValue(runs),
        BacklogGb = parsed.GetValue(backlog),
    };
    // Create the report before the runs: it records the load of the machine.
    var report = new Report(bench, chosen, "dotnet run -c Release -- " + string.Join(' ', args.Select(argument => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument)), await bench.Ours.ReadVersionAsync());
    foreach (Scenario scenario in chosen)
    {
        try
        {
            await scenario.RunAsync(bench, stopping);
        }
        catch (InvalidOperationException e)
        {
            // If the machine can't run one scenario, keep the results of the others.
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

var port = new Option<int>("--port") { Description = "Port to listen on; 0 for any free port." };
var receive = new Command("receive", "Run the receiver of the measurements.") { port };
receive.SetAction(async (parsed, stopping) =>
{
    using var receiver = new Receiver(parsed.GetValue(port));
    await receiver.StartAsync();
    Console.WriteLine(receiver.Address);

    // Serves until the process is stopped.
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
});

var hotPath = new Command("hot-path", "Measure the steps of the hot path with BenchmarkDotNet. Further options are those of BenchmarkDotNet.") { TreatUnmatchedTokensAsErrors = false };
hotPath.SetAction(parsed => BenchmarkSwitcher.FromAssembly(typeof(HotPathBenchmarks).Assembly).Run([.. parsed.UnmatchedTokens]));

return await new RootCommand("Measurements of shipper.") { all, receive, hotPath }.Parse(args).InvokeAsync();
