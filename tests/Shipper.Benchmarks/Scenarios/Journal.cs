using System.Globalization;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures the cost of entries of the systemd journal.</summary>
internal sealed class Journal() : Scenario(
    "journal",
    "500,000 entries of eight alternating units, 11 to 23 fields each, in files that systemd-journal-remote creates. More than half of the time is spent in libsystemd. Most of the resident memory is windows of mapped files, which the kernel can reclaim.")
{
    private const int Entries = 500_000;

    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        if (!JournalInput.CanWrite)
        {
            Console.Error.WriteLine($"{Name} is left out: install the package systemd-journal-remote for it.");
            return;
        }

        WrittenInput input = JournalInput.Write(bench.MakeDirectory(Name), Entries);
        var results = new List<TrialResult>();
        for (int run = 0; run < bench.Runs; run++)
        {
            using Trial trial = await Trial.StartAsync(bench, bench.Ours, input.Logs, isJournal: true);
            await trial.WaitForAsync(input.Lines, stopping);
            results.Add(await trial.EndAsync(Name, input, stopping));
        }

        TrialResult median = Median(results, result => result.LinesPerCpuSecond);
        bench.Add(Finding.WithoutTarget("journal: entries per CPU second", median.LinesPerCpuSecond, "N0", string.Create(CultureInfo.InvariantCulture, $" (peak {median.PeakMiB:0.0} MiB resident)")));
    }
}
