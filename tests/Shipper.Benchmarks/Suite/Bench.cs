using System.Globalization;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Processes;

namespace Shipper.Benchmarks.Suite;

/// <summary>What the scenarios share: the agents, the receiver, the main input, and what was found.</summary>
internal sealed class Bench : IDisposable
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

    public required ReceiverProcess Receiver { get; init; }

    /// <summary>Repetitions where runs differ much.</summary>
    public required int Runs { get; init; }

    /// <summary>Size of the backlog, in GB.</summary>
    public required double BacklogGb { get; init; }

    public IEnumerable<MeasuredAgent> Agents => [Ours, .. Peers];

    public IReadOnlyList<TrialResult> Trials => _trials;

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Runs of ours in which a line was lost, came twice, or came wrong, and scenarios that could not run.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Bytes that can be written to the directory of the inputs.</summary>
    public long FreeBytes => new DriveInfo(_root.FullName).AvailableFreeSpace;

    /// <summary>The input of the throughput, written when it is asked for first.</summary>
    public WrittenInput MainInput => _mainInput ??= InputWriter.Write(MakeDirectory("main"), MainFiles, MainLines, MainSpan);

    /// <summary>Makes an empty directory.</summary>
    public string MakeDirectory(string name) =>
        _root.CreateSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{name}-{_directories++}")).FullName;

    /// <summary>Keeps a run, and says what came of it.</summary>
    public void Add(TrialResult trial, bool isOurs)
    {
        _trials.Add(trial);
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{trial.Scenario}: {trial.Agent}: {trial.Lines:N0} lines, {trial.CpuSeconds:N3} CPU s in {trial.Seconds:N1} s{(trial.Lines > 0 ? $" ({trial.LinesPerCpuSecond:N0} lines per CPU s)" : "")}, {trial.ResidentMiB:N1} MiB, peak {trial.PeakMiB:N1}");
        Console.Error.WriteLine(trial.IsClean ? text : $"{text}; {trial.Faults}");
        if (isOurs && !trial.IsClean)
        {
            AddFault($"{trial.Scenario}: {trial.Faults}");
        }
    }

    /// <summary>Keeps why a scenario could not run.</summary>
    public void AddFault(string fault)
    {
        _faults.Add(fault);
        Console.Error.WriteLine($"FAILED: {fault}");
    }

    /// <summary>Keeps what a scenario found.</summary>
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
