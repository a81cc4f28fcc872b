using System.Globalization;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Processes;

namespace Shipper.Benchmarks.Suite;

/// <summary>The state that scenarios share: the agents, the receiver, the main input and the results.</summary>
internal sealed class BenchmarkRun : IDisposable
{
    private const int MainLines = 2_000_000;
    private const int MainFiles = 20;

    private static readonly TimeSpan MainSpan = TimeSpan.FromMinutes(10);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("shipper-benchmark-");
    private readonly List<TrialResult> _trials = [];
    private readonly List<Finding> _findings = [];
    private readonly List<string> _faults = [];
    private WrittenInput? _mainInput;
    private int _directories;

    public required PublishedAgent Ours { get; init; }

    public required IReadOnlyList<Peer> Peers { get; init; }

    /// <summary>What processing is measured with.</summary>
    public required IReadOnlyList<ProcessingSetting> Processing { get; init; }

    /// <summary>Fluent Bit, to compare processing with; null to leave it out.</summary>
    public FluentBitProcessing? FluentBit { get; init; }

    public required ReceiverProcess Receiver { get; init; }

    /// <summary>Number of runs of the scenarios whose results vary.</summary>
    public required int Runs { get; init; }

    /// <summary>Size of the backlog, in GB.</summary>
    public required double BacklogGb { get; init; }

    public IEnumerable<MeasuredAgent> Agents => [Ours, .. Peers];

    public IReadOnlyList<TrialResult> Trials => _trials;

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Runs of our agent in which a line was lost, duplicated or wrong, and scenarios that could not run.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Free bytes in the directory of the inputs.</summary>
    public long FreeBytes => new DriveInfo(_root.FullName).AvailableFreeSpace;

    /// <summary>The input of the scenario throughput, written at the first use.</summary>
    public WrittenInput MainInput => _mainInput ??= InputWriter.Write(MakeDirectory("main"), MainFiles, MainLines, MainSpan);

    /// <summary>Writes the input of the scenario processing.</summary>
    public WrittenInput WriteServiceLines() =>
        InputWriter.Write(MakeDirectory("services"), MainFiles, MainLines, MainSpan, create: file => new ServiceLines(file));

    /// <summary>Creates an empty directory.</summary>
    public string MakeDirectory(string name) =>
        _root.CreateSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{name}-{_directories++}")).FullName;

    /// <summary>Records a run and prints its result.</summary>
    public void Add(TrialResult trial, bool isOurs)
    {
        _trials.Add(trial);
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{trial.Scenario}: {trial.Agent}: {trial.Lines:N0} lines, {trial.CpuSeconds:N3} CPU s in {trial.Seconds:N1} s{(trial.Lines > 0 ? $" ({trial.LinesPerCpuSecond:N0} lines per CPU s)" : "")}, {trial.ResidentMiB:N1} MiB, peak {trial.PeakMiB:N1}");
        Console.Error.WriteLine(trial.IsLossless ? text : $"{text}; {trial.Faults}");
        if (isOurs && !trial.IsLossless)
        {
            AddFault($"{trial.Scenario}: {trial.Faults}");
        }
    }

    /// <summary>Records and prints why a scenario failed.</summary>
    public void AddFault(string fault)
    {
        _faults.Add(fault);
        Console.Error.WriteLine($"FAILED: {fault}");
    }

    /// <summary>Records and prints a finding of a scenario.</summary>
    public void Add(Finding finding)
    {
        _findings.Add(finding);
        Console.Error.WriteLine($"{finding.What}: {finding.Measured} (target: {finding.Target})");
    }

    public void Dispose()
    {
        Receiver.Dispose();
        _root.Delete(recursive: true);
    }
}
