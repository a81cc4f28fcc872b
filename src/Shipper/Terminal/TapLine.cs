using System.Globalization;
using System.Text.Json;

namespace Shipper.Terminal;

/// <summary>Writes a record of a tap in one line, and below it what the stages changed.</summary>
/// <param name="showsTime">True to begin with the record's time.</param>
/// <param name="isTerminal">True if control characters in lines must be made visible.</param>
internal sealed class TapLine(Style style, bool showsTime, bool isTerminal)
{
    /// <summary>Writes a record.</summary>
    /// <param name="record">The data of an event <c>record</c>.</param>
    public IEnumerable<string> Render(JsonElement record)
    {
        JsonElement labels = record.GetProperty("labels");
        JsonElement metadata = record.GetProperty("metadata");
        string pod = Text(labels, "pod");
        string source = pod.Length > 0 ? $"{style.Named(pod, Visible(pod))} {style.Dim(Visible(Text(labels, "container")))}"
            : style.Named("journal", Visible(Text(labels, "unit") is { Length: > 0 } unit ? unit : Text(labels, "filename")));
        string time = showsTime ? Text(record, "time") + " " : "";
        string level = Text(metadata, "detected_level") is { Length: > 0 } detected ? detected : Text(metadata, "level");
        string reason = Text(record, "reason") is { Length: > 0 } why ? style.Severity("problem", $"[{Visible(why)}] ") : "";
        long bytes = record.GetProperty("lineBytes").GetInt64();
        string line = Text(record, "line");
        string cut = bytes > System.Text.Encoding.UTF8.GetByteCount(line) ? style.Dim(string.Create(CultureInfo.InvariantCulture, $" … ({bytes} bytes)")) : "";
        yield return $"{time}{source} {reason}{style.Level(level, Visible(line))}{cut}";
        string rules = string.Join(", ", new[] { ("rule", Text(record, "rule")), ("limit", Text(record, "limit")) }.Where(rule => rule.Item2.Length > 0).Select(rule => $"{rule.Item1} {Visible(rule.Item2)}"));
        if (rules.Length > 0)
        {
            yield return style.Dim($"    {rules}");
        }

        foreach (JsonElement change in record.GetProperty("changes").EnumerateArray())
        {
            string added = string.Join(' ', change.GetProperty("metadata").EnumerateObject().Select(pair => $"{Visible(pair.Name)}={Visible(pair.Value.GetString())}"));
            string changed = Text(change, "line") is { Length: > 0 } after ? Visible(after) : added.Length == 0 ? "changed the line" : "";
            yield return style.Dim($"    {Text(change, "stage")}: {string.Join("  ", new[] { changed, added }.Where(part => part.Length > 0))}");
        }
    }

    private string Visible(string? text) => isTerminal ? VisibleText.Of(text) : (text ?? "").ReplaceLineEndings("\u2424");

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
