using System.Text;
using Shipper.Client;
using Shipper.Records;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary>Formats the records that <c>shipper tap</c> shows.</summary>
/// <param name="format">One of default, raw and json.</param>
/// <param name="hasTime">True to begin each line with the time of its record.</param>
/// <param name="hasChanges">True to show all that the stages changed, with the line after each.</param>
/// <param name="hasColors">True for escape sequences of colors.</param>
/// <param name="isTerminal">True if control characters must not reach the output.</param>
internal sealed class TapView(string format, bool hasTime, bool hasChanges, bool hasColors, bool isTerminal)
{
    // The colors of stern.
    private static readonly Tone[] PodTones = [new("36"), new("32"), new("35"), new("33"), new("34"), new("31"), new("96"), new("92"), new("95"), new("93"), new("94"), new("91")];

    /// <summary>Returns the lines of a record, each with its line ending.</summary>
    /// <param name="data">The record as JSON, as the agent sent it.</param>
    /// <param name="record">The same, parsed.</param>
    public string Format(string data, JsonView record)
    {
        if (format == "json")
        {
            return Safe(data.ReplaceLineEndings(" ")) + "\n";
        }

        string time = hasTime ? record["time"].Text + " " : "";
        string line = record["line"].Text;
        double cut = record["lineBytes"].Number - Encoding.UTF8.GetByteCount(line);
        string rest = cut > 0 ? $" {Symbols.Ellipsis} {HumanText.Bytes(cut)} more" : "";
        if (format == "raw")
        {
            return $"{(isTerminal ? Safe(time) : time)}{(isTerminal ? Safe(AnsiText.Strip(line)) : line)}\n";
        }

        var text = new TextLine().Add(time, Tone.Dim);
        AddNames(text, record["labels"]);
        string level = record["metadata"]["detected_level"].Text;
        text.Add(AnsiText.Strip(line), LevelTone(level)).Add(rest, Tone.Dim);
        return string.Concat(new[] { text }.Concat(Notes(record)).Select(item => item.Render(hasColors) + "\n"));
    }

    private static void AddNames(TextLine text, JsonView labels)
    {
        string pod = labels["pod"].Text;
        if (pod.Length == 0)
        {
            string name = labels["unit"].Text is { Length: > 0 } unit ? unit : labels["filename"].Text is { Length: > 0 } file ? file : labels["job"].Text;
            text.Add(name, PodTone(name)).Add(" ");
            return;
        }

        string inside = labels["namespace"].Text is { Length: > 0 } space ? $"{space}/{pod}" : pod;
        text.Add(inside, new Tone("1;" + PodTone(inside).Code)).Add(" ").Add(labels["container"].Text, PodTone(inside)).Add(" ");
    }

    private IEnumerable<TextLine> Notes(JsonView record)
    {
        List<string> notes = [];
        foreach (string name in (string[])["reason", "rule", "limit"])
        {
            if (record[name].Text is { Length: > 0 } value)
            {
                notes.Add(name == "reason" ? $"dropped: {value}" : $"{name} {value}");
            }
        }

        JsonView[] changes = [.. record["changes"].Items];
        string[] changed = [.. changes.Where(change => change["line"].Exists).Select(change => change["stage"].Text).Distinct()];
        if (!hasChanges && changed.Length > 0)
        {
            notes.Add($"changed by {string.Join(", ", changed)}");
        }

        if (notes.Count > 0)
        {
            yield return Note(string.Join(Symbols.Separator, notes));
        }

        foreach (JsonView change in hasChanges ? changes : [])
        {
            string metadata = string.Join(' ', change["metadata"].Members.Select(member => $"{member.Name}={member.Value.Text}"));
            string line = change["line"].Exists ? AnsiText.Strip(change["line"].Text) : "";
            yield return Note($"{change["stage"].Text}: {string.Join(Symbols.Separator, new[] { metadata, line }.Where(part => part.Length > 0))}");
        }
    }

    private static TextLine Note(string text) => new TextLine().Add($"  {Symbols.Arrow} {text}", Tone.Dim);

    private string Safe(string text) => isTerminal ? Processing.Cases.QuotedText.ToOneLine(text) : text;

    private static Tone LevelTone(string level) => level switch
    {
        "error" or "critical" or "fatal" => Tone.Red,
        "warn" or "warning" => Tone.Amber,
        "debug" or "trace" => Tone.Dim,
        _ => Tone.Plain,
    };

    // Stable, so that a pod has the same color in every run: FNV-1a, 32 bits.
    private static Tone PodTone(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
        {
            hash = unchecked((hash ^ c) * 16777619);
        }

        return PodTones[hash % (uint)PodTones.Length];
    }
}
