using System.Globalization;
using Shipper.Client;
using Shipper.Lanes;
using Shipper.Status;
using Shipper.Status.Explaining;

namespace Shipper.Terminal;

/// <summary><c>shipper status --watch</c>: a screen like that of top.</summary>
internal sealed class WatchScreen(AgentClient client, string sort, string filter, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly string[] HelpLines =
    [
        "Keys",
        "",
        "  up, down, j, k      select a log          PgUp, PgDn, g, G   move further",
        "  Enter               explain the log       Escape             back",
        "  /                   filter by text        Escape             clear the filter",
        "  s                   next order            r                  reverse the order",
        "  ?                   this help             q                  quit",
        "",
        "The orders are lag, rate, loss and name. The filter looks at names, labels and states.",
    ];

    private readonly Style _style = Style.For("auto");
    private AgentStatus? _status;
    private string? _problem;
    private string _sort = sort;
    private string _filter = filter;
    private bool _isReversed;
    private bool _isTyping;
    private bool _showsHelp;
    private IReadOnlyList<string>? _explanation;
    private int _selected;
    private int _top;
    private int _explanationTop;

    /// <summary>Shows the screen until the user quits, or the program is stopped. Then the terminal is as before.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stopping)
    {
        using var screen = new AlternateScreen();
        using var quitting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            Task refresh = RefreshAsync(quitting.Token);
            Task<ConsoleKeyInfo> key = KeyReader.NextAsync(quitting.Token);
            while (true)
            {
                screen.Draw(Lines(TerminalSize.Columns, TerminalSize.Lines));
                Task done = await Task.WhenAny(refresh, key, Task.Delay(Interval / 2, time, quitting.Token));
                quitting.Token.ThrowIfCancellationRequested();
                if (done == key)
                {
                    if (!await HandleAsync(await key, quitting.Token))
                    {
                        return 0;
                    }

                    key = KeyReader.NextAsync(quitting.Token);
                }

                if (refresh.IsCompleted)
                {
                    await refresh;
                    refresh = RefreshLaterAsync(quitting.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        finally
        {
            await quitting.CancelAsync();
        }
    }

    private async Task RefreshLaterAsync(CancellationToken stopping)
    {
        await Task.Delay(Interval, time, stopping);
        await RefreshAsync(stopping);
    }

    private async Task RefreshAsync(CancellationToken stopping)
    {
        try
        {
            _status = await client.GetStatusAsync(stopping);
            _problem = null;
        }
        catch (AgentUnavailableException e)
        {
            _problem = e.Message;
        }
    }

    private List<StreamStatus> Logs => _status is null ? [] : LogOrder.Apply(_status, _sort, _filter, _isReversed);

    /// <summary>Handles a key.</summary>
    /// <returns>False if the user quits.</returns>
    private async Task<bool> HandleAsync(ConsoleKeyInfo key, CancellationToken stopping)
    {
        if (_isTyping)
        {
            Type(key);
            return true;
        }

        if (_explanation is not null || _showsHelp)
        {
            HandleInView(key);
            return true;
        }

        int page = Math.Max(1, TerminalSize.Lines - 8);
        switch (key)
        {
            case { KeyChar: 'q' }:
                return false;
            case { KeyChar: '/' }:
                _isTyping = true;
                break;
            case { KeyChar: '?' }:
                _showsHelp = true;
                break;
            case { KeyChar: 's' }:
                _sort = LogOrder.Names[(IndexOfSort() + 1) % LogOrder.Names.Count];
                break;
            case { KeyChar: 'r' }:
                _isReversed = !_isReversed;
                break;
            case { Key: ConsoleKey.Escape }:
                _filter = "";
                break;
            case { Key: ConsoleKey.Enter }:
                await ExplainAsync(stopping);
                break;
            default:
                _selected += Step(key, page);
                break;
        }

        return true;
    }

    private int IndexOfSort()
    {
        int index = 0;
        while (LogOrder.Names[index] != _sort)
        {
            index++;
        }

        return index;
    }

    private void HandleInView(ConsoleKeyInfo key)
    {
        if (key is { Key: ConsoleKey.Escape or ConsoleKey.Enter } or { KeyChar: 'q' or '?' })
        {
            _explanation = null;
            _showsHelp = false;
            return;
        }

        _explanationTop = Math.Max(0, _explanationTop + Step(key, TerminalSize.Lines - 2));
    }

    private void Type(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                _isTyping = false;
                break;
            case ConsoleKey.Escape:
                _isTyping = false;
                _filter = "";
                break;
            case ConsoleKey.Backspace:
                _filter = _filter.Length > 0 ? _filter[..^1] : "";
                break;
            default:
                _filter += key.KeyChar >= ' ' && !char.IsControl(key.KeyChar) ? key.KeyChar : "";
                break;
        }
    }

    /// <summary>Returns how far a key moves the selection.</summary>
    private static int Step(ConsoleKeyInfo key, int page) => key switch
    {
        { Key: ConsoleKey.DownArrow } or { KeyChar: 'j' } => 1,
        { Key: ConsoleKey.UpArrow } or { KeyChar: 'k' } => -1,
        { Key: ConsoleKey.PageDown } or { KeyChar: ' ' } => page,
        { Key: ConsoleKey.PageUp } => -page,
        { Key: ConsoleKey.End } or { KeyChar: 'G' } => int.MaxValue / 4,
        { Key: ConsoleKey.Home } or { KeyChar: 'g' } => -(int.MaxValue / 4),
        _ => 0,
    };

    private async Task ExplainAsync(CancellationToken stopping)
    {
        if (Logs.ElementAtOrDefault(_selected) is not { } log)
        {
            return;
        }

        _explanationTop = 0;
        if (log.Pod is null)
        {
            _explanation = [VisibleText.Of(log.Key), "", "explain answers for containers. The selector of this log:", "", .. StatusText.Wrap(VisibleText.Of(log.Labels), TerminalSize.Columns, 2)];
            return;
        }

        try
        {
            Explanation explanation = client.ParseExplanation(await client.ExplainTextAsync(log.Key, stopping));
            _explanation = ExplanationText.Render(explanation, TerminalSize.Columns, _style);
        }
        catch (AgentUnavailableException e)
        {
            _explanation = [.. StatusText.Wrap(VisibleText.Of(e.Message), TerminalSize.Columns, 0)];
        }
    }

    private List<string> Lines(int columns, int lines)
    {
        if (_showsHelp)
        {
            return [.. HelpLines.Take(lines).Select(line => VisibleText.Cut(line, columns))];
        }

        if (_explanation is { } explanation)
        {
            _explanationTop = Math.Clamp(_explanationTop, 0, Math.Max(0, explanation.Count - (lines - 1)));
            return [.. explanation.Skip(_explanationTop).Take(lines - 1), _style.Dim(VisibleText.Cut("Escape or q: back   j, k: scroll", columns))];
        }

        var result = new List<string>();
        if (_problem is { } problem)
        {
            result.AddRange(StatusText.Wrap(VisibleText.Of(problem), columns, 2).Select(line => _style.Severity("problem", line)));
        }

        if (_status is not { } status)
        {
            result.Add(_problem is null ? "Asking the agent …" : "Trying again every 2 s. q quits.");
            return result;
        }

        // Leave at least half of the screen to the logs.
        result.AddRange(StatusText.Header(status, columns, _style).Take(Math.Max(3, (lines / 2) - result.Count)));
        result.Add("");
        AddLogs(result, columns, lines);
        return result;
    }

    private void AddLogs(List<string> result, int columns, int lines)
    {
        List<StreamStatus> logs = Logs;
        var table = new LogTable(columns, _style);
        result.Add(table.Header);
        int room = Math.Max(1, lines - result.Count - 1);
        _selected = Math.Clamp(_selected, 0, Math.Max(0, logs.Count - 1));
        _top = Math.Clamp(_top, Math.Max(0, _selected - room + 1), _selected);
        for (int i = _top; i < Math.Min(logs.Count, _top + room); i++)
        {
            result.Add(i == _selected ? _style.Invert(new LogTable(columns, new Style(isColored: false)).Row(logs[i])) : table.Row(logs[i]));
        }

        string order = $"by {_sort}{(_isReversed ? ", reversed" : "")}";
        string count = string.Create(CultureInfo.InvariantCulture, $"{(logs.Count == 0 ? 0 : _selected + 1)} of {logs.Count} logs {order}");
        string prompt = _isTyping ? $"/{VisibleText.Of(_filter)}_" : _filter.Length > 0 ? $"{count}   filter {VisibleText.Of(_filter)} (Escape clears it)" : $"{count}   /: filter  s: sort  Enter: explain  ?: help  q: quit";
        result.Add(_style.Dim(VisibleText.Cut(prompt, columns)));
    }
}
