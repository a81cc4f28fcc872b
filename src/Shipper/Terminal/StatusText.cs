using System.Globalization;
using Shipper.Discovery;
using Shipper.Records;
using Shipper.Status;

namespace Shipper.Terminal;

/// <summary>Writes what an agent is doing for a terminal, and for curl.</summary>
internal static class StatusText
{
    /// <summary>Writes everything: what is to be said first, and the logs.</summary>
    /// <param name="width">Number of columns.</param>
    /// <param name="logs">The logs, in their order.</param>
    public static string Render(AgentStatus status, int width, Style style, IReadOnlyList<Lanes.StreamStatus> logs)
    {
        var table = new LogTable(width, style);
        return string.Concat(((IEnumerable<string>)[.. Header(status, width, style), "", table.Header, .. logs.Select(table.Row)]).Select(line => line.TrimEnd() + "\n"));
    }

    /// <summary>Writes the lines above the table.</summary>
    public static IReadOnlyList<string> Header(AgentStatus status, int width, Style style)
    {
        var lines = new List<string>();
        Verdict verdict = status.Verdict;
        string state = verdict.State.ToUpperInvariant();
        lines.AddRange(Wrap($"{state}  {VisibleText.Of(verdict.Text)}", width, indent: 2).Select((line, i) => i == 0 ? style.Severity(verdict.Severity, style.Bold(state)) + line[Math.Min(state.Length, line.Length)..] : line));
        if (verdict.Remedy.Length > 0)
        {
            lines.AddRange(Wrap($"  {VisibleText.Of(verdict.Remedy)}", width, indent: 2));
        }

        Add($"node {status.Node}  cluster {status.Cluster}  {verdict.State} since {Time(verdict.Since)}  shipper {status.Version}  up {HumanText.Duration(status.UptimeSeconds)}");
        Add(string.Create(
            CultureInfo.InvariantCulture,
            $"read {HumanText.Bytes(status.Rates.ReadBytesPerSecond)}/s  sent {status.Rates.SentRecordsPerSecond:0.#} lines/s  lag {HumanText.Bytes(status.Lag.Bytes)}, {HumanText.Duration(status.Lag.Seconds)}{(status.Lag.LossInSeconds is { } loss ? $"  loss in {HumanText.Duration(loss)}" : "")}"));
        Add($"Loki {status.Loki.Url}{DescribeLoki(status)}");
        Add(string.Create(
            CultureInfo.InvariantCulture,
            $"buffer {HumanText.Bytes(status.Buffer.Bytes)} of {HumanText.Bytes(status.Buffer.LimitBytes)}  held {HumanText.Bytes(status.Held.Bytes)}  CPU {status.Process.CpuPercent:0.0} %  memory {HumanText.Bytes(status.Process.ResidentBytes)}"));
        Add($"Kubernetes {status.Kubernetes.Text}  journal {status.Journal.State}  {status.ExcludedLogs.ToString(CultureInfo.InvariantCulture)} logs excluded");
        foreach (JournalProblemStatus problem in status.Journal.Problems)
        {
            Add($"journal {problem.Path}: {problem.Text}");
        }

        if (status.Lost.Count > 0)
        {
            Add($"lost {string.Join(", ", status.Lost.Select(lost => $"{HumanText.Bytes(lost.Bytes)} {lost.Reason}"))}", "problem");
        }

        if (status.Dropped.Count > 0)
        {
            Add($"left out {string.Join(", ", status.Dropped.Select(dropped => string.Create(CultureInfo.InvariantCulture, $"{dropped.Records} {dropped.Reason}")))}");
        }

        const int MaxUnreadable = 5;
        foreach (UnreadableSource source in status.Unreadable.Take(MaxUnreadable))
        {
            Add($"can't read {source.Path}: {source.Text}", "problem");
        }

        if (status.Unreadable.Count > MaxUnreadable)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"can't read {status.Unreadable.Count - MaxUnreadable} more"), "problem");
        }

        if (status.Configuration is { } configuration)
        {
            Add($"configuration {configuration.Path}, read at {Time(configuration.LoadedAt)}");
            foreach (string key in configuration.NeedsRestart)
            {
                Add($"ignored until a restart: {key}", "notice");
            }

            if (configuration.Refused is { } refused)
            {
                Add($"refused at {Time(refused.At)}: {refused.Reason}", "problem");
            }
        }

        return lines;

        void Add(string line, string? severity = null)
        {
            string cut = VisibleText.Cut(VisibleText.Of(line), width);
            lines.Add(severity is null ? cut : style.Severity(severity, cut));
        }
    }

    /// <summary>Breaks a text into lines between words. A word that is longer than a line is broken.</summary>
    /// <param name="indent">Number of spaces in front of all lines but the first.</param>
    public static IEnumerable<string> Wrap(string text, int width, int indent)
    {
        int room = width;
        string prefix = "";
        while (text.Length > room)
        {
            int space = text.LastIndexOf(' ', room);
            int at = space > room / 3 ? space : room;
            yield return prefix + text[..at].TrimEnd();
            text = text[at..].TrimStart();
            prefix = new string(' ', indent);
            room = Math.Max(1, width - indent);
        }

        yield return prefix + text;
    }

    private static string DescribeLoki(AgentStatus status)
    {
        LokiStatus loki = status.Loki;
        if (loki.Failing is { } failing)
        {
            string retry = failing.NextRetry is { } next && next > status.Time ? $", next retry in {HumanText.Duration((next - status.Time).TotalSeconds)}" : "";
            return $"  {failing.Kind} since {Time(failing.Since)}{retry}";
        }

        string last = loki.LastSuccess is { } success ? $"  last success {HumanText.Duration((status.Time - success).TotalSeconds)} ago" : "";
        string latency = loki.LatencySeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"  p50 {seconds.P50 * 1000:0} ms, p99 {seconds.P99 * 1000:0} ms") : "";
        return $"{last}{latency}{(loki.LastResponse is { } response ? $"  {response}" : "  nothing sent yet")}";
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
