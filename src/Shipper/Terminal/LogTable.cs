using System.Globalization;
using Shipper.Lanes;
using Shipper.Records;

namespace Shipper.Terminal;

/// <summary>A table with a row for each log. Columns give way if there is not enough room.</summary>
/// <param name="width">Number of columns of the terminal.</param>
internal sealed class LogTable(int width, Style style)
{
    private const int MinName = 24;
    private const int MaxName = 60;
    private const int MinResponse = 20;

    /// <summary>The columns behind the name, in the order of their importance.</summary>
    private static readonly (string Title, int Width, bool IsRight, Func<StreamStatus, Style, string> Text)[] All =
    [
        ("STATE", 11, false, (log, style) => style.Severity(SeverityOf(log.State), log.State)),
        ("LAG", 8, true, (log, _) => log.LagBytes == 0 ? "0" : HumanText.Bytes(log.LagBytes)),
        ("BEHIND", 9, true, (log, _) => log.LagBytes == 0 ? "-" : HumanText.Duration(log.LagSeconds)),
        ("LINES/S", 8, true, (log, _) => Rate(log.RecordsPerSecond)),
        ("BYTES/S", 8, true, (log, _) => log.BytesPerSecond < 0.5 ? "0" : HumanText.Bytes(log.BytesPerSecond)),
        ("LOSS IN", 10, true, (log, style) => log.LossDeadlineSeconds is { } seconds ? style.Severity("problem", HumanText.Duration(seconds)) : "-"),
        ("LEFT OUT", 8, true, (log, _) => log.DroppedRecords == 0 ? "-" : Count(log.DroppedRecords)),
        ("OVER LIMIT", 10, true, (log, _) => log.LimitedRecords == 0 ? "-" : Count(log.LimitedRecords)),
        ("LOST", 8, true, (log, style) => log.LostBytes == 0 ? "-" : style.Severity("problem", HumanText.Bytes(log.LostBytes))),
        ("LEVELS", 10, false, (log, style) => LevelBar.Draw(log.Levels, 10, style)),
    ];

    private readonly (string Title, int Width, bool IsRight, Func<StreamStatus, Style, string> Text)[] _columns = Choose(width);

    /// <summary>The titles.</summary>
    public string Header => style.Bold(VisibleText.Cut($"{VisibleText.Pad("LOG", NameWidth)}{string.Concat(_columns.Select(column => " " + VisibleText.Pad(column.Title, column.Width, column.IsRight)))}{(ResponseWidth > 0 ? " LOKI REFUSED" : "")}", width));

    private int NameWidth => Math.Min(MaxName, width - _columns.Sum(column => column.Width + 1));

    private int ResponseWidth => width - NameWidth - _columns.Sum(column => column.Width + 1) - 1 is >= MinResponse and var rest ? rest : 0;

    /// <summary>Writes the row of a log.</summary>
    public string Row(StreamStatus log)
    {
        string name = VisibleText.Pad(VisibleText.CutMiddle(VisibleText.Of(log.Key), NameWidth), NameWidth);
        string columns = string.Concat(_columns.Select(column => " " + PadStyled(column.Text(log, style), column.Text(log, new Style(isColored: false)), column.Width, column.IsRight)));
        string response = ResponseWidth > 0 && log.LastResponse is { } last ? " " + VisibleText.Cut(VisibleText.Of(last), ResponseWidth) : "";
        return name + columns + response;
    }

    /// <summary>Returns the column set that fits.</summary>
    private static (string Title, int Width, bool IsRight, Func<StreamStatus, Style, string> Text)[] Choose(int width)
    {
        int used = MinName;
        return [.. All.TakeWhile(column => (used += column.Width + 1) <= width)];
    }

    /// <summary>Pads a text by its width without colors.</summary>
    private static string PadStyled(string styled, string plain, int columns, bool isRight)
    {
        if (VisibleText.Width(plain) > columns)
        {
            return VisibleText.Cut(plain, columns);
        }

        string spaces = new(' ', columns - VisibleText.Width(plain));
        return isRight ? spaces + styled : styled + spaces;
    }

    private static string SeverityOf(string state) => state switch
    {
        StreamStates.Idle or StreamStates.Shipping => "ok",
        StreamStates.Unreadable or StreamStates.Paused => "problem",
        _ => "notice",
    };

    private static string Rate(double rate) => rate < 0.05 ? "0" : rate < 10 ? rate.ToString("0.0", CultureInfo.InvariantCulture) : Count((long)Math.Round(rate));

    private static string Count(long count) => count < 1_000_000 ? count.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.0}M");
}
