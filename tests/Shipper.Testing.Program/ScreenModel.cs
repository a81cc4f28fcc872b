using System.Globalization;

namespace Shipper.Testing.Program;

/// <summary>The screen of a terminal: enough of a VT100 to read what a program shows. Fails on a control sequence that the program has no reason to send.</summary>
internal sealed class ScreenModel(int columns, int rows)
{
    private char[][] _cells = CreateCells(columns, rows);
    private int _columns = columns;
    private int _rows = rows;
    private int _row;
    private int _column;
    private string _sequence = "";

    public bool IsAlternate { get; private set; }

    public bool IsCursorHidden { get; private set; }

    /// <summary>The last column that was written to, counted from 1, even behind the margin.</summary>
    public int WidestColumn { get; private set; }

    public string Text => string.Join('\n', _cells.Select(line => new string(line).TrimEnd()));

    public void Resize(int columns, int rows)
    {
        (_columns, _rows) = (columns, rows);
        _cells = CreateCells(columns, rows);
        (_row, _column) = (0, 0);
        WidestColumn = 0;
    }

    public void Write(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (_sequence.Length > 0)
            {
                _sequence += c;
                if (_sequence.Length > 2 && c is >= '@' and <= '~')
                {
                    Execute(_sequence[2..^1], c);
                    _sequence = "";
                }
            }
            else
            {
                Put(c);
            }
        }
    }

    private static char[][] CreateCells(int columns, int rows) => [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Repeat(' ', columns).ToArray())];

    private void Put(char c)
    {
        switch (c)
        {
            case '\e':
                _sequence = "\e";
                break;
            case '\r':
                _column = 0;
                break;
            case '\n':
                _row++;
                if (_row == _rows)
                {
                    _row--;
                    _cells = [.. _cells[1..], Enumerable.Repeat(' ', _columns).ToArray()];
                }

                break;
            case < ' ' or '\x7f':
                throw new InvalidOperationException($"Control character {(int)c} on the screen.");
            default:
                if (_column < _columns)
                {
                    _cells[_row][_column] = c;
                }

                _column++;
                WidestColumn = Math.Max(WidestColumn, _column);
                break;
        }
    }

    private void Execute(string parameters, char kind)
    {
        switch (kind)
        {
            case 'm':
                break;
            case 'H':
                int[] place = [.. parameters.Split(';').Select(part => int.Parse(part, CultureInfo.InvariantCulture) - 1)];
                (_row, _column) = (Math.Min(place[0], _rows - 1), place[1]);
                break;
            case 'J':
                _cells = CreateCells(_columns, _rows);
                break;
            case 'K':
                for (int column = _column; column < _columns; column++)
                {
                    _cells[_row][column] = ' ';
                }

                break;
            case 'h' or 'l' when parameters == "?1049":
                IsAlternate = kind == 'h';
                _cells = CreateCells(_columns, _rows);
                (_row, _column) = (0, 0);
                break;
            case 'h' or 'l' when parameters == "?25":
                IsCursorHidden = kind == 'l';
                break;
            case 'h' or 'l' when parameters == "?7":
                break;
            default:
                throw new InvalidOperationException($"Unexpected sequence ESC[{parameters}{kind}.");
        }
    }
}
