using Shipper.Client;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary>The output of <c>shipper status</c>.</summary>
internal static class StatusView
{
    /// <summary>Returns the lines: the header, an empty line, and the table.</summary>
    public static IEnumerable<TextLine> Build(JsonView status, LogOrder order, int width)
    {
        foreach (TextLine line in new StatusHeader(status, Math.Min(width, 120)).Build())
        {
            yield return line;
        }

        yield return new TextLine();
        IReadOnlyList<LogRow> rows = order.Apply(Rows(status));
        if (rows.Count == 0)
        {
            yield return new TextLine().Add(order.Filter.Length > 0 ? $"No log matches \"{order.Filter}\"." : "The agent reads no logs yet.", Tone.Amber);
            yield break;
        }

        ColumnTable<LogRow> table = LogColumns.CreateTable(rows, width);
        yield return table.Header();
        foreach (LogRow row in rows)
        {
            yield return table.Row(row);
        }
    }

    /// <summary>Returns the output as plain text.</summary>
    /// <param name="status">What <c>/api/status</c> answers.</param>
    public static string ToText(string status, int width) =>
        JsonView.TryParse(status, out JsonView view)
            ? string.Concat(Build(view, new LogOrder("lag", "", IsReversed: false), width).Select(line => line.Render(hasColors: false).TrimEnd() + "\n"))
            : throw new ArgumentException("not JSON", nameof(status));

    /// <summary>Returns the logs of an answer.</summary>
    public static IEnumerable<LogRow> Rows(JsonView status) => status["streams"].Items.Select(row => new LogRow(row));
}
