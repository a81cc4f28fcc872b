using System.Buffers;

namespace Shipper.Processing.Patterns;

/// <summary>
/// The deterministic automaton of a regex as a table. It is complete when it is made: matching takes the same short time for each unit of the text, and
/// needs no further memory. Immutable.
/// </summary>
internal sealed class PatternAutomaton
{
    /// <summary>The state of a text that can't match any more.</summary>
    public const int Dead = 0;

    /// <summary>The state before the first unit.</summary>
    public const int Start = 1;

    /// <summary>Marks a transition: the units before it match.</summary>
    private const int MatchMark = 0x8000;

    private readonly ushort[] _transitions;
    private readonly int[] _starts;
    private readonly UnitKinds _kinds;
    private readonly int _columns;

    /// <summary>The units that change the first state, if they are few; null otherwise.</summary>
    private readonly SearchValues<char>? _leaving;

    /// <param name="transitions">The next state, and possibly <see cref="MatchMark"/>, for each state and column.</param>
    /// <param name="starts">The state in which a match begins behind a unit of each kind.</param>
    public PatternAutomaton(ushort[] transitions, int[] starts, UnitKinds kinds)
    {
        _transitions = transitions;
        _starts = starts;
        _kinds = kinds;
        _columns = ColumnsOf(kinds);
        _leaving = FindLeaving();
    }

    /// <summary>Size in bytes, without the kinds of units.</summary>
    public int Bytes => _transitions.Length * sizeof(ushort);

    /// <summary>Returns the number of columns: one for each kind of unit, one for a line break that ends the text, and one for the end of the text.</summary>
    public static int ColumnsOf(UnitKinds kinds) => kinds.Examples.Length + 2;

    /// <summary>Returns a transition for the table.</summary>
    public static ushort Transition(int state, bool isMatch) => (ushort)(state | (isMatch ? MatchMark : 0));

    /// <summary>Returns the state of a transition.</summary>
    public static int StateOf(ushort transition) => transition & ~MatchMark;

    /// <summary>Returns true if the units before a transition match.</summary>
    public static bool IsMatch(ushort transition) => (transition & MatchMark) != 0;

    /// <summary>Returns true if the text has a match. For <see cref="AutomatonKind.Search"/>.</summary>
    public bool Finds(ReadOnlySpan<char> text)
    {
        int state = Start;
        if (text.IsEmpty)
        {
            return IsMatchAtEnd(state);
        }

        for (int i = 0; i < text.Length - 1; i++)
        {
            if (state == Start && _leaving is not null)
            {
                int skipped = text[i..^1].IndexOfAny(_leaving);
                if (skipped < 0)
                {
                    break;
                }

                i += skipped;
            }

            if (Read(ref state, text[i]))
            {
                return true;
            }

            if (state == Dead)
            {
                return false;
            }
        }

        return ReadLast(ref state, text[^1]) || IsMatchAtEnd(state);
    }

    /// <summary>Returns the state in which a match begins behind a unit.</summary>
    public int StartBehind(char unit) => _starts[_kinds.Of(unit)];

    /// <summary>Reads a unit.</summary>
    /// <returns>True if the units before it match.</returns>
    public bool Read(ref int state, char unit)
    {
        int transition = _transitions[(state * _columns) + _kinds.Of(unit)];
        state = transition & ~MatchMark;
        return (transition & MatchMark) != 0;
    }

    /// <summary>Reads the last unit of a text.</summary>
    /// <returns>True if the units before it match.</returns>
    public bool ReadLast(ref int state, char unit)
    {
        int transition = _transitions[(state * _columns) + (unit == '\n' ? _columns - 2 : _kinds.Of(unit))];
        state = transition & ~MatchMark;
        return (transition & MatchMark) != 0;
    }

    /// <summary>Returns true if the whole text, that was read, matches.</summary>
    public bool IsMatchAtEnd(int state) => (_transitions[(state * _columns) + _columns - 1] & MatchMark) != 0;

    private SearchValues<char>? FindLeaving()
    {
        const int MaxLeaving = 5;
        const int AsciiCount = 128;
        bool[] leaves = [.. Enumerable.Range(0, _columns - 2).Select(kind => _transitions[(Start * _columns) + kind] != Start)];
        char[] units = [.. Enumerable.Range(0, AsciiCount).Select(unit => (char)unit).Where(unit => leaves[_kinds.Of(unit)])];
        return units.Length <= MaxLeaving && !_kinds.HasOthers(leaves) ? SearchValues.Create(units) : null;
    }
}
