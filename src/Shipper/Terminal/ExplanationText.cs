using Shipper.Status.Explaining;

namespace Shipper.Terminal;

/// <summary>Writes an explanation for a terminal.</summary>
internal static class ExplanationText
{
    private const int NameWidth = 12;

    /// <summary>Writes the answer, and the way of each log.</summary>
    /// <param name="width">Number of columns.</param>
    public static IReadOnlyList<string> Render(Explanation explanation, int width, Style style)
    {
        var lines = new List<string>();
        Add(explanation.Summary, style.Bold);
        if (explanation.Nearest.Count > 0)
        {
            Add($"Did you mean {string.Join(", ", explanation.Nearest)}?");
        }

        foreach (LogExplanation log in explanation.Logs)
        {
            lines.Add("");
            Add($"{log.Key}  {log.State}", text => style.Severity(log.IsDelivered ? "ok" : "problem", text));
            if (explanation.Logs.Count > 1)
            {
                Add(log.Summary, indent: 2);
            }

            if (log.Remedy.Length > 0)
            {
                Add($"What to do: {log.Remedy}", indent: 2);
            }

            foreach (ExplanationStep step in log.Steps)
            {
                AddStep(step);
            }

            if (log.Grafana.Length > 0)
            {
                lines.Add($"  {VisibleText.Of(log.Grafana)}");
            }
        }

        return lines;

        void Add(string text, Func<string, string>? paint = null, int indent = 0) =>
            lines.AddRange(StatusText.Wrap(new string(' ', indent) + VisibleText.Of(text), width, indent).Select(line => paint?.Invoke(line) ?? line));

        void AddStep(ExplanationStep step)
        {
            string mark = step.State switch
            {
                ExplanationStep.Ok => "+",
                ExplanationStep.Note => "!",
                _ => "x",
            };
            int indent = NameWidth + 4;
            string[] parts = [.. step.Text.Split('\n'), .. step.Remedy.Length > 0 ? ["-> " + step.Remedy] : (string[])[]];
            for (int i = 0; i < parts.Length; i++)
            {
                string head = i == 0 ? $"  {mark} {VisibleText.Pad(step.Name, NameWidth)}" : new string(' ', indent);
                string[] wrapped = [.. StatusText.Wrap(head + VisibleText.Of(parts[i]), width, indent)];
                lines.Add(i == 0 ? $"  {style.Severity(step.State, mark)}{wrapped[0][3..]}" : wrapped[0]);
                lines.AddRange(wrapped.Skip(1));
            }
        }
    }
}
