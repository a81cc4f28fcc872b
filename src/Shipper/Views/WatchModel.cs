using Shipper.Client;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary>What the live view shows, and what keys do to it.</summary>
internal sealed class WatchModel(LogOrder order, string address)
{
    private static readonly string[] Help =
    [
        "/            filter by name, state or label; Escape shows all logs again",
        "s            sort by lag, rate, time until lines are lost, or name",
        "r            reverse the order",
        "arrows, j k  move by a log",
        "PgUp, PgDn   move by a page",
        "g G          first log, last log",
        "Enter        explain the log: why do its lines reach Loki, or why not?",
        "?            this help",
        "q, Ctrl+C    quit; in this help and in an explanation, q and Escape go back",
        "",
        "BEHIND is the age of the oldest line that is not in Loki yet. LOSS IN is the time until unread lines are deleted.",
        "LEVELS is the mix since the agent started: E error, W warning, I info, D debug, T trace, - none.",
    ];

    private readonly WatchList _list = new();
    private LogOrder _order = order;
    private JsonView? _status;
    private string? _failure;
    private string? _question;
    private string? _typed;
    private Page _page;
    private string _title = "";
    private Func<int, IEnumerable<TextLine>> _text = _ => [];
    private int _scroll;

    private enum Page
    {
        Logs,
        Text,
    }

    /// <summary>True once a key has ended the view.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Returns the path of an explanation to ask for, once.</summary>
    public string? TakeQuestion()
    {
        string? question = _question;
        _question = null;
        return question;
    }

    /// <summary>Takes an event into account.</summary>
    public void Apply(WatchEvent change)
    {
        if (change.Pressed is { } key)
        {
            Press(key);
        }
        else if (change.Explanation is { } answer)
        {
            string? failure = change.Failure;
            _text = width => failure is null ? ExplainView.Build(answer, width) : Paragraph.Wrap(new TextLine(), failure, Tone.Red, width);
        }
        else if (change.Status is { } status)
        {
            (_status, _failure) = (status, null);
            Arrange();
        }
        else
        {
            _failure = change.Failure ?? _failure;
        }
    }

    /// <summary>Returns the screen.</summary>
    public IReadOnlyList<TextLine> Draw((int Columns, int Rows) size)
    {
        TextLine footer = Footer();
        int room = size.Rows - 1;
        List<TextLine> lines = _page == Page.Text ? DrawText(size.Columns, room) : DrawLogs(size.Columns, room);
        while (lines.Count < room)
        {
            lines.Add(new TextLine());
        }

        return [.. lines.Take(room), footer];
    }

    private List<TextLine> DrawText(int width, int room)
    {
        TextLine[] text = [.. _text(width)];
        _scroll = Math.Clamp(_scroll, 0, Math.Max(0, text.Length - (room - 2)));
        string more = text.Length > room - 2 ? $"  lines {_scroll + 1} to {Math.Min(text.Length, _scroll + room - 2)} of {text.Length}" : "";
        return [new TextLine().Add(_title, Tone.Bold).Add(more, Tone.Dim), new TextLine(), .. text.Skip(_scroll)];
    }

    private List<TextLine> DrawLogs(int width, int room)
    {
        List<TextLine> lines = [];
        if (_failure is not null)
        {
            lines.AddRange(Paragraph.Wrap(new TextLine().Add(Symbols.Bad + " ", Tone.Red), $"{_failure} Trying again every 2 s.", Tone.Red, width));
        }

        if (_status is not { } status)
        {
            return lines.Count > 0 ? lines : [new TextLine().Add($"Asking {address}{Symbols.Ellipsis}")];
        }

        // At least a third of the screen is for logs.
        TextLine[] header = [.. new StatusHeader(status, width).Build()];
        int headerRoom = Math.Max(2, (room * 2 / 3) - 2 - lines.Count);
        lines.AddRange(header.Length <= headerRoom ? header : header.Take(headerRoom - 1).Append(new TextLine().Add($"  and {header.Length - headerRoom + 1} more lines in a taller window", Tone.Dim)));
        lines.Add(new TextLine());
        if (_list.Rows.Count == 0)
        {
            lines.Add(new TextLine().Add(_order.Filter.Length > 0 ? $"No log matches \"{_order.Filter}\"." : "The agent reads no logs yet.", Tone.Amber));
            return lines;
        }

        ColumnTable<LogRow> table = LogColumns.CreateTable(_list.Rows, width);
        lines.Add(table.Header());
        foreach ((LogRow row, bool isSelected) in _list.Show(room - lines.Count))
        {
            TextLine line = table.Row(row);
            lines.Add(isSelected ? line.PadTo(width).In(Tone.Reverse) : line);
        }

        return lines;
    }

    private TextLine Footer()
    {
        if (_typed is not null)
        {
            return new TextLine().Add("filter: ", Tone.Bold).Add(_typed).Add("_", Tone.Reverse).Add("  Enter keeps it, Escape shows all logs", Tone.Dim);
        }

        if (_page != Page.Logs)
        {
            return new TextLine().Add("q back  j k scroll", Tone.Dim);
        }

        string filter = _order.Filter.Length > 0 ? $"filter \"{CharWidths.CutEnd(_order.Filter, 20)}\"  " : "";
        string place = _list.Rows.Count > 0 ? $"{_list.Selected + 1} of {_list.Rows.Count}  " : "";
        return new TextLine().Add($"{place}by {_order.Sort}{(_order.IsReversed ? " reversed" : "")}  {filter}", Tone.Bold).Add("/ filter  s sort  Enter explain  ? help  q quit", Tone.Dim);
    }

    private void Press(Key key)
    {
        if (key.Kind == KeyKind.Interrupt)
        {
            IsEnded = true;
        }
        else if (_typed is not null)
        {
            Type(key);
        }
        else if (_page == Page.Text)
        {
            Read(key);
        }
        else
        {
            Choose(key);
        }
    }

    private void Type(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Character:
                _typed += key.Text;
                break;
            case KeyKind.Backspace when _typed!.Length > 0:
                _typed = _typed[..^(_typed.Length > 1 && char.IsLowSurrogate(_typed[^1]) ? 2 : 1)];
                break;
            case KeyKind.Enter:
                _typed = null;
                return;
            case KeyKind.Escape:
                (_order, _typed) = (_order with { Filter = "" }, null);
                Arrange();
                return;
            default:
                return;
        }

        _order = _order with { Filter = _typed! };
        Arrange();
    }

    private void Read(Key key)
    {
        switch (key)
        {
            case { Kind: KeyKind.Escape } or { Text: "q" or "?" }:
                _page = Page.Logs;
                break;
            default:
                _scroll = Math.Max(0, _scroll + Math.Clamp(Steps(key), -100_000, 100_000));
                break;
        }
    }

    private void Choose(Key key)
    {
        switch (key)
        {
            case { Text: "q" }:
                IsEnded = true;
                break;
            case { Text: "/" }:
                _typed = _order.Filter;
                break;
            case { Text: "s" }:
                _order = _order with { Sort = LogOrder.Sorts[(LogOrder.Sorts.ToList().IndexOf(_order.Sort) + 1) % LogOrder.Sorts.Count] };
                Arrange();
                break;
            case { Text: "r" }:
                _order = _order with { IsReversed = !_order.IsReversed };
                Arrange();
                break;
            case { Text: "?" }:
                Open("Keys", width => Help.SelectMany(line => line.Length == 0 ? [new TextLine()] : line[0] is >= 'A' and <= 'Z' && line[1] is >= 'A' and <= 'Z' ? Paragraph.Wrap(new TextLine(), line, Tone.Plain, width) : [new TextLine().Add(line)]));
                break;
            case { Kind: KeyKind.Escape }:
                _order = _order with { Filter = "" };
                Arrange();
                break;
            case { Kind: KeyKind.Enter } when _list.Current is { } row:
                _question = row.ExplainPath;
                Open(row.Name, width => Paragraph.Wrap(
                    new TextLine(), row.ExplainPath is null ? $"{row.Key} belongs to no pod, and there are explanations only for pods. Labels: {row.Labels}" : $"Asking {address}{Symbols.Ellipsis}", Tone.Plain, width));
                break;
            default:
                _list.Move(Steps(key));
                break;
        }
    }

    private static int Steps(Key key) => key switch
    {
        { Kind: KeyKind.Up } or { Text: "k" } => -1,
        { Kind: KeyKind.Down } or { Text: "j" } => 1,
        { Kind: KeyKind.PageUp } => -10,
        { Kind: KeyKind.PageDown } or { Text: " " } => 10,
        { Kind: KeyKind.Home } or { Text: "g" } => int.MinValue / 2,
        { Kind: KeyKind.End } or { Text: "G" } => int.MaxValue / 2,
        _ => 0,
    };

    private void Open(string title, Func<int, IEnumerable<TextLine>> text) => (_page, _title, _text, _scroll) = (Page.Text, title, text, 0);

    private void Arrange()
    {
        if (_status is { } status)
        {
            _list.Set(_order.Apply(StatusView.Rows(status)));
        }
    }
}
