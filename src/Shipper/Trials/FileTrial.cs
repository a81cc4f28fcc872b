using System.Text.RegularExpressions;
using Shipper.Agents;
using Shipper.Configuration;
using Shipper.Discovery;
using Shipper.Native;
using Shipper.Processing;
using Shipper.Processing.Cases;
using Shipper.Records;

namespace Shipper.Trials;

/// <summary>Runs the rules of a configuration over real log files, and shows what they would do.</summary>
/// <param name="options">The configuration.</param>
/// <param name="output">Receives problems with files, and the tables.</param>
internal sealed partial class FileTrial(AgentOptions options, TextWriter output)
{
    private readonly TrialTotals _totals = new(options);
    private readonly LogFileReader _reader = new();
    private readonly HashSet<(ulong Device, ulong Inode)> _known = [];
    private readonly TextTable _files = new("FILE", "SOURCE", ">LINES", ">RECORDS", ">SENT", ">BYTES");
    private long _records;
    private bool _hasFailed;
    private bool _hasRun;
    private bool _hasUntimedLimits;

    /// <summary>Runs the rules over files and prints the result.</summary>
    /// <param name="paths">Files, directories and globs.</param>
    /// <returns>False if something could not be read.</returns>
    public bool Run(IEnumerable<string> paths)
    {
        foreach (string path in paths.SelectMany(Expand).Distinct(StringComparer.Ordinal))
        {
            Run(path);
        }

        if (_hasRun)
        {
            _files.Write(output);
            _totals.Write(output, _records);
        }

        if (_hasUntimedLimits)
        {
            output.WriteLine();
            output.WriteLine("limits were not applied to logs without times: their records have the time when the agent reads them");
        }

        return !_hasFailed;
    }

    /// <summary>The ID of a container. A file name is told from others by the first 12 digits, as container runtimes show them.</summary>
    [GeneratedRegex("(?<![0-9a-f])([0-9a-f]{12})[0-9a-f]{52}(?![0-9a-f])")]
    private static partial Regex ContainerId();

    private static RecordOrigin OriginOf(ContainerName container) => new()
    {
        Source = RecordOrigin.Containers,
        Namespace = container.Namespace,
        Pod = container.Pod,
        Container = container.Container,
    };

    private List<string> Expand(string path)
    {
        try
        {
            List<string> files = [.. LogPaths.Expand(path)];
            if (files.Count == 0)
            {
                Fail(path, Directory.Exists(path) ? "the directory has no files" : "there is no such file");
            }

            return files;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            Fail(path, e.MessageWithoutPeriod());
            return [];
        }
    }

    private void Run(string path)
    {
        try
        {
            if (FileStatus.OfPath(path, out FileStatus status) == 0)
            {
                // Opening a pipe would wait for its writer.
                if (status.Kind != FileKind.Regular)
                {
                    Skip(path, "it is not a file");
                    return;
                }

                // The links in /var/log/containers lead to files in /var/log/pods.
                if (!_known.Add((status.Device, status.Inode)))
                {
                    return;
                }
            }

            _reader.Open(path);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            Fail(path, e.MessageWithoutPeriod());
            return;
        }

        if (_reader.IsGzip)
        {
            Skip(path, "it is compressed");
        }
        else if (_reader.IsUtf16)
        {
            Skip(path, "it is UTF-16, which this command can't read; the agent can");
        }
        else
        {
            Try(path);
        }
    }

    private void Try(string path)
    {
        FileSourceOptions? files = Glob.IsAnyMatch(options.Containers.Include, path) ? null : TrialLog.FindFiles(options, path);
        bool hasHeaders = files is null && _reader.HasHeaders;
        string[] targets = File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName is { } first
            ? [first, File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName]
            : [];
        RecordOrigin origin = files is null ? OriginOf(ContainerName.Parse(path, targets)) : new RecordOrigin { Source = RecordOrigin.Files, Filename = path };
        if (files is null && FindExclusion(path, origin.Namespace) is { } exclusion)
        {
            Skip(path, $"{exclusion} excludes it");
            return;
        }

        var log = TrialLog.Create(options, origin);
        if (!hasHeaders && _reader.Length > 0 && log.Processing.Limits.Count > 0)
        {
            _hasUntimedLimits = true;
            log = log with { Processing = WithoutLimits(log.Processing) };
        }

        var trial = new LogTrial(log, _totals) { BeginsInMiddle = _reader.Skipped > 0 };
        RecordRunner runner = log.CreateRunner(trial);
        _reader.Run(hasHeaders, runner);
        trial.AddCounts(runner.Counts);
        _records += trial.Records;
        _hasRun = true;
        long[] numbers = [_reader.Lines, trial.Records, trial.Sent, _reader.Length];
        _files.Add([QuotedText.ToOneLine(ContainerId().Replace(path, "$1")), origin.Source, .. numbers.Select(TrialTotals.Format)]);
        if (_reader.Skipped > 0)
        {
            output.WriteLine(QuotedText.ToOneLine($"{path}: only the last {Units.FormatSize(LogFileReader.MaxBytes)} were read"));
        }
    }

    /// <summary>Returns the key of the configuration that excludes a container's log; null if none does.</summary>
    private string? FindExclusion(string path, string ns)
    {
        bool isIncluded = options.Kubernetes.Namespaces.Include.Exists(IsNamespace) && !options.Kubernetes.Namespaces.Exclude.Exists(IsNamespace);
        return !isIncluded ? "kubernetes.namespaces" : Glob.IsAnyMatch(options.Containers.Exclude, path) ? "sources.containers.exclude" : null;

        bool IsNamespace(string pattern) => new NameGlob(pattern).IsMatch(ns);
    }

    private static ProcessingOptions WithoutLimits(ProcessingOptions options) => new()
    {
        Multiline = options.Multiline,
        Ansi = options.Ansi,
        Level = options.Level,
        Trace = options.Trace,
        Fields = options.Fields,
        Rules = options.Rules,
        Redact = options.Redact,
    };

    private void Skip(string path, string reason) => output.WriteLine(QuotedText.ToOneLine($"{path}: skipped: {reason}"));

    private void Fail(string path, string problem)
    {
        _hasFailed = true;
        output.WriteLine(QuotedText.ToOneLine($"{path}: can't be read: {problem}"));
    }
}
