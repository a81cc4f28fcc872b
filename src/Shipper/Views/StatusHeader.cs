using System.Globalization;
using Shipper.Client;
using Shipper.Records;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary>The state of the agent as a whole, above the table of logs.</summary>
/// <param name="status">The answer of <c>/api/status</c>.</param>
/// <param name="width">Width in columns of the terminal.</param>
internal sealed class StatusHeader(JsonView status, int width)
{
    private const int LabelWidth = 8;
    private const int MaxProblems = 3;

    private readonly DateTimeOffset _now = status["time"].Time ?? TimeProvider.System.GetUtcNow();

    /// <summary>Returns the lines.</summary>
    public IEnumerable<TextLine> Build() =>
    [
        .. Verdict(), .. Identity(), .. Items("Rates", Rates()), .. Items("Lag", Lag()), .. Items("Loki", Loki()), .. Items("Memory", Memory()), .. Items("Lost", Losses()),
        .. Items("Dropped", Dropped()), .. Items("Sources", Sources()), .. Items("Config", Configuration()), .. Problems(),
    ];

    private IEnumerable<TextLine> Verdict()
    {
        JsonView verdict = status["verdict"];
        Tone tone = verdict["severity"].Text switch { "ok" => Tone.Green, "notice" => Tone.Amber, "" => Tone.Plain, _ => Tone.Red };
        string state = verdict["state"].Text is { Length: > 0 } word ? word.ToUpperInvariant() : "RUNNING";
        string since = verdict["since"].Time is { } time ? $" (for {Age(time)})" : "";
        TextLine prefix = new TextLine().Add(Symbols.Dot + " ", tone).Add(state, new Tone(tone.Code.Length > 0 ? "1;" + tone.Code : "1")).Add("  ");
        foreach (TextLine line in Paragraph.Wrap(prefix, verdict["text"].Text + since, Tone.Plain, width).DefaultIfEmpty(prefix))
        {
            yield return line;
        }

        foreach (TextLine line in Paragraph.Wrap(new TextLine().Add("  "), verdict["remedy"].Text, Tone.Amber, width))
        {
            yield return line;
        }

        if (status["stalled"].IsTrue)
        {
            yield return new TextLine().Add("  Loki has acknowledged nothing for at least five minutes, although there is something to send.", Tone.Red);
        }
    }

    private IEnumerable<TextLine> Identity()
    {
        string environment = status["environment"].Text is { Length: > 0 } name ? $" ({name})" : "";
        return Items("Agent",
        [
            Text(status["node"].Text), Text(status["cluster"].Text.Length > 0 ? $"cluster {status["cluster"].Text}{environment}" : ""), Text($"shipper {status["version"].Text}"),
            Text(status["uptimeSeconds"].OptionalNumber is { } uptime ? $"up {Amounts.Duration(uptime)}" : ""),
        ]);
    }

    private TextLine[] Rates()
    {
        JsonView rates = status["rates"];
        return !rates.Exists ? [] :
        [
            Text($"read {Count(rates["readRecordsPerSecond"].Number)} lines/s, {HumanText.Bytes(rates["readBytesPerSecond"].Number)}/s"),
            Text($"sent {Count(rates["sentRecordsPerSecond"].Number)} lines/s, {HumanText.Bytes(rates["sentBytesPerSecond"].Number)}/s compressed"),
        ];
    }

    private TextLine[] Lag()
    {
        JsonView lag = status["lag"];
        return !lag.Exists ? [] :
        [
            Text($"{HumanText.Bytes(lag["bytes"].Number)} not yet in Loki"), Text($"{Amounts.Duration(lag["seconds"].Number)} behind"),
            lag["lossInSeconds"].OptionalNumber is { } loss ? Text($"logs are deleted unread in {Amounts.Duration(loss)}", Tone.Red) : Text("no loss ahead", Tone.Dim),
        ];
    }

    private IEnumerable<TextLine> Loki()
    {
        JsonView loki = status["loki"];
        JsonView failing = loki["failing"];
        yield return Text(loki["url"].Text);
        yield return Text(loki["tenant"].Text.Length > 0 ? $"tenant {loki["tenant"].Text}" : "");
        if (failing.Exists)
        {
            string since = failing["since"].Time is { } start ? $" for {Age(start)}" : "";
            string retry = failing["nextRetry"].Time is { } next ? $"next try in {Amounts.Duration((next - _now).TotalSeconds)}" : "";
            yield return Text($"{(failing["kind"].Text == "refused" ? "refuses" : "unavailable")}{since}: {failing["response"].Text}", Tone.Red);
            yield return Text(failing["waitingRecords"].Number > 0 ? $"{Count(failing["waitingRecords"].Number)} lines wait" : "", Tone.Amber);
            yield return Text(retry, Tone.Amber);
        }
        else
        {
            yield return Text(loki["lastResponse"].Text, Tone.Green);
        }

        yield return Text(loki["lastSuccess"].Time is { } success ? $"last push {Age(success)} ago" : "");
        yield return Text(loki["latencySeconds"]["p99"].OptionalNumber is { } slow
            ? string.Create(CultureInfo.InvariantCulture, $"latency {loki["latencySeconds"]["p50"].Number * 1000:0} ms, p99 {slow * 1000:0} ms") : "");
        yield return Text(loki["retries"].Number > 0 ? $"{Count(loki["retries"].Number)} {(loki["retries"].Number == 1 ? "retry" : "retries")}" : "");
    }

    private IEnumerable<TextLine> Memory()
    {
        yield return Text(OfLimit("buffer", status["buffer"]));
        yield return Text(status["held"]["bytes"].Number > 0 ? OfLimit("deleted files held open", status["held"]) : "");
        yield return Text(status["process"]["residentBytes"].OptionalNumber is { } memory ? $"process {HumanText.Bytes(memory)}" : "");
        yield return Text(status["process"]["cpuPercent"].OptionalNumber is { } cpu ? string.Create(CultureInfo.InvariantCulture, $"CPU {cpu:0.0} %") : "");
        yield return Text(status["files"]["open"].OptionalNumber is { } files ? $"{Count(files)} files open" : "");
    }

    private IEnumerable<TextLine> Losses() =>
        status["lost"].Items.Select(loss => Text($"{HumanText.Bytes(loss["bytes"].Number)} {loss["reason"].Text}", Tone.Red));

    private IEnumerable<TextLine> Dropped() =>
        status["dropped"].Items.Select(drop => Text($"{Count(drop["records"].Number)} {drop["reason"].Text}", Tone.Amber));

    private IEnumerable<TextLine> Sources()
    {
        int excluded = (int)status["excludedLogs"].Number;
        JsonView kubernetes = status["kubernetes"];
        int logs = status["streams"].Items.Count();
        yield return Text($"{logs} {(logs == 1 ? "log" : "logs")}{(excluded > 0 ? $", {excluded} excluded" : "")}");
        yield return Text(kubernetes["text"].Text.Length > 0 ? $"Kubernetes: {kubernetes["text"].Text}" : "", kubernetes["state"].Text == "not connected" ? Tone.Amber : Tone.Plain);
        yield return Text(status["journal"]["state"].Text is { Length: > 0 } state ? $"journal: {state}" : "");
    }

    private IEnumerable<TextLine> Configuration()
    {
        JsonView configuration = status["configuration"];
        yield return Text(configuration["path"].Text);
        yield return Text(configuration["loadedAt"].Time is { } loaded ? $"read {Age(loaded)} ago" : "");
        foreach (JsonView key in configuration["needsRestart"].Items)
        {
            yield return Text($"ignored until a restart: {key.Text}", Tone.Amber);
        }

        yield return Text(configuration["refused"]["at"].Time is { } refused ? $"a change was refused {Age(refused)} ago" : "", Tone.Red);
    }

    private IEnumerable<TextLine> Problems()
    {
        (string Path, JsonView Problem)[] problems =
            [.. status["unreadable"].Items.Concat(status["journal"]["problems"].Items).Select(problem => (problem["path"].Text, problem))];
        foreach ((string path, JsonView problem) in problems.Take(MaxProblems))
        {
            TextLine prefix = new TextLine().Add(Symbols.Bad + " ", Tone.Red);
            string said = problem["text"].Text is { Length: > 0 } text ? text : problem["reason"].Text;
            string name = said.Contains(path, StringComparison.Ordinal) ? "" : path + ": ";
            foreach (TextLine line in Paragraph.Wrap(prefix, $"{name}{said} {problem["remedy"].Text}", Tone.Plain, width))
            {
                yield return line;
            }
        }

        if (problems.Length > MaxProblems)
        {
            yield return new TextLine().Add($"  and {problems.Length - MaxProblems} more sources that can't be read; shipper status --output json names them", Tone.Red);
        }

        if (status["configuration"]["refused"] is { Exists: true } refused)
        {
            foreach (TextLine line in Paragraph.Wrap(
                new TextLine().Add(Symbols.Bad + " ", Tone.Red), $"The changed configuration is refused, and the one before stays in use: {refused["reason"].Text}", Tone.Plain, width))
            {
                yield return line;
            }
        }
    }

    private IEnumerable<TextLine> Items(string label, IEnumerable<TextLine> items) =>
        Paragraph.Join(new TextLine().Add(label, Tone.Bold).PadTo(LabelWidth), items, width);

    private string Age(DateTimeOffset since) => Amounts.Duration(Math.Max(0, (_now - since).TotalSeconds));

    private static string OfLimit(string name, JsonView use) =>
        use["bytes"].Exists ? $"{name} {HumanText.Bytes(use["bytes"].Number)} of {HumanText.Bytes(use["limitBytes"].Number)}" : "";

    private static string Count(double value) => value < 9.95 ? value.ToString("0.#", CultureInfo.InvariantCulture) : value.ToString("N0", CultureInfo.InvariantCulture);

    private static TextLine Text(string text) => Text(text, Tone.Plain);

    private static TextLine Text(string text, Tone tone) => new TextLine().Add(text, tone);
}
