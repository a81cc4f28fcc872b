using System.Globalization;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures what processing costs.</summary>
internal sealed class Processing() : Scenario(
    "processing",
    "2,000,000 lines of services in 20 files, as in throughput, with several sections processing in turn: JSON with levels and trace ids, nginx access lines with requests of probes, logfmt, and text of Spring Boot in which one record of 100 is a stack trace of 20 lines. off: multiline and level are off. defaults: no section. secrets: off, and redact.secrets. everything: multiline auto, level, trace, four fields, six rules, two limits and redact.secrets. The ratios are those of the median runs by lines per CPU second. Lines that a rule drops count as lines.")
{
    private const double TargetOfPeers = 20;

    // Of the rate with everything off. For secrets, no line has one.
    private static readonly Dictionary<string, double> Targets = new(StringComparer.Ordinal) { ["defaults"] = 0.85, ["secrets"] = 0.9, ["everything"] = 0.5 };

    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        WrittenInput input = bench.WriteServiceLines();
        PublishedAgent[] ours = [.. bench.Processing.Select(setting => new PublishedAgent(bench.Ours.Binary, $"shipper, {setting.Name}") { Processing = setting })];
        MeasuredAgent[] agents = bench.FluentBit is null ? [.. ours] : [.. ours, bench.FluentBit];
        var results = agents.ToDictionary(agent => agent, _ => new List<TrialResult>());

        async Task MeasureAsync(MeasuredAgent agent, bool isCounted)
        {
            using Trial trial = await Trial.StartAsync(bench, agent, input.Logs);
            await trial.WaitForAsync(input.Lines, stopping);
            TrialResult result = await trial.EndAsync(isCounted ? Name : "warming up", input, stopping);
            CheckDropped(bench, agent, result);
            if (isCounted)
            {
                results[agent].Add(result);
            }
        }

        // The runtime still compiles the receiver.
        await MeasureAsync(agents[0], isCounted: false);

        // The peer comes last: after its long runs the machine has other work to do for a while, which would count for the agent that follows.
        MeasuredAgent[] rounds = [.. Enumerable.Repeat(ours, bench.Runs).SelectMany(agent => agent), .. Enumerable.Repeat(agents[ours.Length..], bench.Runs).SelectMany(agent => agent)];
        foreach (MeasuredAgent agent in rounds)
        {
            await MeasureAsync(agent, isCounted: true);
        }

        Directory.Delete(input.Logs.Root, recursive: true);
        Report(bench, ours, results);
    }

    private static void CheckDropped(BenchmarkRun bench, MeasuredAgent agent, TrialResult result)
    {
        if (agent is PublishedAgent { Processing: var setting } && setting.KeepsAll != (result.Dropped == 0))
        {
            bench.AddFault(string.Create(CultureInfo.InvariantCulture, $"{result.Scenario}: {setting.Name}: {result.Dropped} of {result.DroppableLines} lines were dropped that a rule may drop"));
        }
    }

    private static void Report(BenchmarkRun bench, IReadOnlyList<PublishedAgent> ours, Dictionary<MeasuredAgent, List<TrialResult>> results)
    {
        double RateOf(MeasuredAgent agent) => Median(results[agent], result => result.LinesPerCpuSecond).LinesPerCpuSecond;

        PublishedAgent? off = ours.FirstOrDefault(agent => agent.Processing == ProcessingSetting.Off);
        foreach (PublishedAgent agent in ours)
        {
            List<TrialResult> all = results[agent];
            string name = agent.Processing.Name;
            bench.Add(Finding.WithoutTarget($"processing {name}: lines per CPU second", RateOf(agent), "N0", string.Create(
                CultureInfo.InvariantCulture,
                $" ({all.Min(one => one.LinesPerCpuSecond):N0} to {all.Max(one => one.LinesPerCpuSecond):N0}; {all[0].Lines:N0} lines read, {all[0].Received.Records:N0} records sent; peak {all.Max(one => one.PeakMiB):0.0} MiB)")));
            if (off is not null && Targets.TryGetValue(name, out double target))
            {
                bench.Add(Finding.AtLeast($"processing {name}: of the rate with processing off", RateOf(agent) / RateOf(off), target, "0.0 %"));
            }
        }

        if (bench.FluentBit is { } peer && ours.FirstOrDefault(agent => agent.Processing == ProcessingSetting.Everything) is { } everything)
        {
            bench.Add(Finding.AtLeast($"processing everything: lines per CPU second, of those of {peer.Name}", RateOf(everything) / RateOf(peer), TargetOfPeers, "0.0 x"));
        }
    }
}
