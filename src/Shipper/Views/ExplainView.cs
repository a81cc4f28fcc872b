using Shipper.Client;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary>The output of <c>shipper explain</c>.</summary>
internal static class ExplainView
{
    private const int StepWidth = 14;

    /// <summary>Returns the lines.</summary>
    /// <param name="answer">The answer of <c>/api/explain</c>.</param>
    /// <param name="width">Width in columns of the terminal.</param>
    public static IEnumerable<TextLine> Build(JsonView answer, int width)
    {
        List<TextLine> lines = [.. Paragraph.Wrap(Mark(answer["isDelivered"].IsTrue ? "ok" : "problem"), answer["summary"].Text, Tone.Bold, width)];
        string[] nearest = [.. answer["nearest"].Items.Select(name => name.Text).Where(name => name.Length > 0)];
        if (nearest.Length > 0)
        {
            lines.AddRange(Paragraph.Wrap(new TextLine().Add("  Similar names: "), string.Join('\n', nearest), Tone.Cyan, width));
        }

        foreach (JsonView log in answer["logs"].Items)
        {
            lines.Add(new TextLine());
            lines.AddRange(BuildLog(log, width));
        }

        return lines;
    }

    private static IEnumerable<TextLine> BuildLog(JsonView log, int width)
    {
        Tone tone = log["isDelivered"].IsTrue ? Tone.Green : Tone.Red;
        List<TextLine> lines = [new TextLine().Add(log["key"].Text, Tone.Bold).Add("  ").Add(log["state"].Text, tone)];
        lines.AddRange(Paragraph.Wrap(new TextLine().Add("  "), log["summary"].Text, Tone.Plain, width));
        lines.AddRange(Paragraph.Wrap(new TextLine().Add("  "), log["remedy"].Text, Tone.Amber, width));
        foreach (JsonView step in log["steps"].Items)
        {
            TextLine prefix = new TextLine().Add("  ").Add(Mark(step["state"].Text)).Add(step["name"].Text, Tone.Bold).Add(" ").PadTo(2 + 2 + StepWidth);
            lines.AddRange(Paragraph.Wrap(prefix, step["text"].Text, Tone.Plain, width).DefaultIfEmpty(prefix));
            lines.AddRange(Paragraph.Wrap(new TextLine().PadTo(2 + 2 + StepWidth), step["remedy"].Text, Tone.Amber, width));
        }

        lines.AddRange(Value("selector", log["selector"].Text, width));
        lines.AddRange(Value("link", log["grafana"].Text, width));
        return lines;
    }

    // To be copied: only a line that is too long is broken.
    private static IEnumerable<TextLine> Value(string name, string value, int width) =>
        Paragraph.Wrap(new TextLine().Add("    ").Add(name, Tone.Bold).PadTo(2 + 2 + StepWidth), value, Tone.Cyan, width);

    private static TextLine Mark(string state) => state switch
    {
        "ok" => new TextLine().Add(Symbols.Good + " ", Tone.Green),
        "note" => new TextLine().Add(Symbols.Note + " ", Tone.Amber),
        _ => new TextLine().Add(Symbols.Bad + " ", Tone.Red),
    };
}
