using System.Text.Json;

namespace Shipper.Testing.Loki;

/// <summary>Detects the <c>detected_level</c> that Loki adds to an entry without one (discover_log_levels).</summary>
internal static class LevelDetection
{
    private static readonly string[] LevelNames =
        ["level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "SeverityText", "lvl", "LVL", "Lvl", "severity_text", "Severity_Text", "SEVERITY_TEXT"];

    private static readonly (string Word, string Level)[] Words =
    [
        ("trace", "trace"), ("debug", "debug"), ("fatal", "fatal"), ("critical", "critical"), ("error", "error"), ("err", "error"),
        ("warning", "warn"), ("warn", "warn"), ("info", "info"),
    ];

    private static readonly Dictionary<string, string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        ["trace"] = "trace",
        ["trc"] = "trace",
        ["debug"] = "debug",
        ["dbg"] = "debug",
        ["info"] = "info",
        ["inf"] = "info",
        ["information"] = "info",
        ["warn"] = "warn",
        ["wrn"] = "warn",
        ["warning"] = "warn",
        ["error"] = "error",
        ["err"] = "error",
        ["critical"] = "critical",
        ["fatal"] = "fatal",
    };

    /// <summary>Returns the level from the labels of the stream, or else from the metadata, or else from the line.</summary>
    public static string Detect(IReadOnlyList<KeyValuePair<string, string>> labels, SortedDictionary<string, string> metadata, string line)
    {
        string? named = LevelNames.Select(name => labels.FirstOrDefault(label => label.Key == name).Value).FirstOrDefault(value => value is not null)
            ?? LevelNames.Select(name => metadata.TryGetValue(name, out string? value) ? value : null).FirstOrDefault(value => value is not null);
        return named is not null ? Abbreviations.GetValueOrDefault(named, named)
            : FindField(line) is { } field && Abbreviations.TryGetValue(field, out string? level) ? level
            : FindWord(line);
    }

    private static string? FindField(string line)
    {
        string trimmed = line.Trim();
        if (trimmed.StartsWith('{') && trimmed.EndsWith('}'))
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(trimmed);
                return json.RootElement.EnumerateObject().FirstOrDefault(property => LevelNames.Contains(property.Name)) is { Value.ValueKind: JsonValueKind.String } found
                    ? found.Value.GetString()
                    : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }

        return line.Split(' ').Select(pair => pair.Split('=', 2)).FirstOrDefault(pair => pair.Length == 2 && LevelNames.Contains(pair[0], StringComparer.OrdinalIgnoreCase))?[1].Trim('"');
    }

    /// <summary>Returns the level that the first separate word of a line names.</summary>
    private static string FindWord(string line)
    {
        int first = int.MaxValue;
        string found = "unknown";
        foreach ((string word, string level) in Words)
        {
            for (int at = line.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0 && at < first; at = line.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                int end = at + word.Length;
                if ((at == 0 || " \t\n[({\"=".Contains(line[at - 1], StringComparison.Ordinal)) && (end == line.Length || " \t\n[](){}:,!\"=".Contains(line[end], StringComparison.Ordinal)))
                {
                    (first, found) = (at, level);
                }
            }
        }

        return found;
    }
}
