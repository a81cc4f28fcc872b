using Shipper.Records;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary>The columns of the table of logs. A column in which no log has anything to show is left out.</summary>
internal static class LogColumns
{
    private const int BarWidth = 8;

    private static readonly (string[] Levels, Tone Tone, string Letter)[] LevelTones =
    [
        (["fatal", "critical", "error"], Tone.Red, "E"), (["warn", "warning"], Tone.Amber, "W"), (["info", "notice"], Tone.Green, "I"), (["debug"], Tone.Blue, "D"),
        (["trace"], Tone.Cyan, "T"),
    ];

    /// <summary>Returns the table of the logs.</summary>
    public static ColumnTable<LogRow> CreateTable(IReadOnlyList<LogRow> rows, int width)
    {
        List<Column<LogRow>> columns =
        [
            new("LOG", 0, 24, false, (row, room) => Cell(CharWidths.CutMiddle(row.Name, room), Tone.Plain)),
            new("STATE", 1, 0, false, (row, _) => Cell(row.State, StateTone(row.State))),
            new("LINES/S", 5, 0, true, (row, _) => Cell(Amounts.Count(Tenth(row.LinesPerSecond)), row.LinesPerSecond > 0 ? Tone.Plain : Tone.Dim)),
            new("BYTES/S", 9, 0, true, (row, _) => Cell(HumanText.Bytes(row.BytesPerSecond), row.BytesPerSecond > 0 ? Tone.Plain : Tone.Dim)),
            new("LAG", 2, 0, true, (row, _) => Cell(HumanText.Bytes(row.LagBytes), row.LagBytes > 0 ? Tone.Plain : Tone.Dim)),
            new("BEHIND", 3, 0, true, (row, _) => Cell(Amounts.Duration(row.LagSeconds), row.LagSeconds >= 60 ? Tone.Amber : row.LagSeconds > 0 ? Tone.Plain : Tone.Dim)),
        ];
        if (rows.Any(row => row.LossSeconds is not null))
        {
            columns.Add(new("LOSS IN", 4, 0, true, (row, _) => Cell(row.LossSeconds is { } seconds ? Amounts.Duration(seconds) : "", Tone.Red)));
        }

        if (rows.Any(row => row.Levels.Count > 0))
        {
            columns.Add(new("LEVELS", 8, 0, false, (row, _) => LevelBar(row)));
        }

        if (rows.Any(row => row.DroppedRecords > 0))
        {
            columns.Add(new("DROPPED", 6, 0, true, (row, _) => Cell(row.DroppedRecords > 0 ? Amounts.Count(row.DroppedRecords) : "", Tone.Amber)));
        }

        if (rows.Any(row => row.LimitedRecords > 0))
        {
            columns.Add(new("LIMITED", 10, 0, true, (row, _) => Cell(row.LimitedRecords > 0 ? Amounts.Count(row.LimitedRecords) : "", Tone.Amber)));
        }

        if (rows.Any(row => row.LostBytes > 0))
        {
            columns.Add(new("LOST", 4, 0, true, (row, _) => Cell(row.LostBytes > 0 ? HumanText.Bytes(row.LostBytes) : "", Tone.Red)));
        }

        if (rows.Any(row => row.Response.Length > 0))
        {
            columns.Add(new("LOKI SAYS", 7, 16, false, (row, room) => Cell(CharWidths.CutEnd(row.Response, room), Tone.Red)));
        }

        return new ColumnTable<LogRow>(columns, rows, width);
    }

    private static double Tenth(double value) => Math.Round(value, 1);

    private static TextLine Cell(string text, Tone tone) => new TextLine().Add(text, tone);

    private static Tone StateTone(string state) => state switch
    {
        "shipping" => Tone.Green,
        "idle" or "gone" => Tone.Dim,
        "unreadable" => Tone.Red,
        _ => Tone.Amber,
    };

    /// <summary>Returns the mix of levels as a bar, in which a level with few records still has a block. The letters tell the levels without colors.</summary>
    private static TextLine LevelBar(LogRow row)
    {
        (double Records, Tone Tone, string Letter)[] groups =
        [
            .. LevelTones.Select(group => (Sum(row, group.Levels.Contains), group.Tone, group.Letter)),
            (Sum(row, level => !LevelTones.Any(group => group.Levels.Contains(level))), Tone.Dim, "-"),
        ];
        double total = groups.Sum(group => group.Records);
        var bar = new TextLine();
        if (total <= 0)
        {
            return bar;
        }

        int[] blocks = [.. groups.Select(group => group.Records <= 0 ? 0 : Math.Max(1, (int)Math.Round(group.Records * BarWidth / total)))];
        while (blocks.Sum() != BarWidth)
        {
            int largest = Array.IndexOf(blocks, blocks.Max());
            blocks[largest] += blocks.Sum() > BarWidth ? -1 : 1;
        }

        for (int i = 0; i < blocks.Length; i++)
        {
            bar.Add(string.Concat(Enumerable.Repeat(groups[i].Letter, blocks[i])), groups[i].Tone);
        }

        return bar;
    }

    private static double Sum(LogRow row, Func<string, bool> isWanted) => row.Levels.Where(level => isWanted(level.Level)).Sum(level => Math.Max(0, level.Records));
}
