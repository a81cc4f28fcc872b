using System.Globalization;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>What entries of the systemd journal cost.</summary>
internal sealed class Journal() : Scenario(
    "journal",
    "500,000 entries of eight units that alternate, 11 to 23 fields each, in the files that systemd-journal-remote makes of them. More than half of the time is libsystemd's; most of the resident memory are windows of the mapped files, which the kernel takes back.")
{
    private const int Entries = 500_000;

    public override async Task RunAsync(Bench bench, CancellationToken stopping)
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
        bench.Add(Finding.Told("journal: entries per CPU second", median.LinesPerCpuSecond, "N0", string.Create(CultureInfo.InvariantCulture, $" (peak {median.PeakMiB:0.0} MiB resident)")));
    }
}
