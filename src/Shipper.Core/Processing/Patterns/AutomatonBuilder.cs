namespace Shipper.Processing.Patterns;

/// <summary>
/// Makes the deterministic automaton of a regex. A state is a set of places in the regex at which the text can be, or a list of them in the order of
/// preference if the end of a match is wanted.
/// </summary>
internal sealed class AutomatonBuilder
{
    private const int MaxStates = 0x7FFF;

    /// <summary>Maximum number of steps for each transition that a table may have. Limits the time for regexes whose states are large.</summary>
    private const int MaxStepsPerTransition = 10;

    private readonly PatternProgram _program;
    private readonly UnitKinds _kinds;
    private readonly bool[][] _isInClass;
    private readonly bool[] _isWord;
    private readonly AutomatonKind _kind;
    private readonly bool _hasPlaces;
    private readonly Dictionary<int[], int> _states = new(new StateComparer());
    private readonly List<int[]> _found = [[], []];
    private readonly List<ushort> _transitions = [];
    private readonly int[] _visited;
    private readonly int[] _added;
    private readonly List<int> _next = [];
    private readonly Dictionary<int, int> _leastRanks = [];
    private readonly Stack<int> _open = [];
    private int _visit;
    private int _steps;

    private AutomatonBuilder(PatternProgram program, PatternSyntaxTree tree, UnitKinds kinds, AutomatonKind kind)
    {
        _program = program;
        _kinds = kinds;
        _kind = kind;
        _hasPlaces = program.HasPlaces;
        _isWord = [.. kinds.Examples.Select(unit => CharClass.Contains(CharClass.Word, unit))];
        _isInClass = [.. tree.Classes.Select(ranges => kinds.Examples.Select(unit => CharClass.Contains(ranges, unit)).ToArray())];
        _visited = new int[program.Instructions.Count];
        _added = new int[program.Instructions.Count];
        _found[PatternAutomaton.Start] = [(int)(_hasPlaces ? Before.Start : Before.Any), 0];
        _states.Add(_found[PatternAutomaton.Start], PatternAutomaton.Start);
    }

    /// <summary>What was read before a place. The first element of each state.</summary>
    private enum Before
    {
        /// <summary>It does not matter.</summary>
        Any,

        /// <summary>Nothing.</summary>
        Start,

        /// <summary>A line break, and nothing before it.</summary>
        FirstLineBreak,

        LineBreak,

        Word,

        Other,
    }

    private int LineBreakColumn => _kinds.Examples.Length;

    private int EndColumn => _kinds.Examples.Length + 1;

    /// <summary>Makes the automaton.</summary>
    /// <param name="program">The regex, reversed for <see cref="AutomatonKind.Starts"/>.</param>
    /// <param name="maxTransitions">Maximum size of the table.</param>
    /// <returns>Null if the table would be larger, or would take too long to make.</returns>
    public static PatternAutomaton? Build(PatternProgram program, PatternSyntaxTree tree, UnitKinds kinds, AutomatonKind kind, int maxTransitions) =>
        new AutomatonBuilder(program, tree, kinds, kind).Build(maxTransitions);

    private PatternAutomaton? Build(int maxTransitions)
    {
        // Where a match may begin behind a unit of each kind.
        int[] starts = [.. _kinds.Examples.Select((_, column) =>
            _kind == AutomatonKind.End && _hasPlaces ? IdOf([(int)Behind(Before.Other, column), 0]) : PatternAutomaton.Start)];

        // The first state is the dead one.
        int columns = PatternAutomaton.ColumnsOf(_kinds);
        _transitions.AddRange(new ushort[columns]);
        for (int state = PatternAutomaton.Start; state < _found.Count; state++)
        {
            for (int column = 0; column < columns; column++)
            {
                bool isMatch = Step(_found[state], column);
                _transitions.Add(PatternAutomaton.Transition(_next.Count <= 1 ? PatternAutomaton.Dead : IdOf([.. _next]), isMatch));
                if (_steps > MaxStepsPerTransition * maxTransitions)
                {
                    return null;
                }
            }

            if (_found.Count > Math.Min(MaxStates, maxTransitions / columns))
            {
                return null;
            }
        }

        ushort[] table = [.. _transitions];
        RemoveHopeless(table, columns);
        return new PatternAutomaton(table, starts, _kinds);
    }

    /// <summary>Replaces the states from which there is no way to a match by the dead one.</summary>
    private static void RemoveHopeless(ushort[] table, int columns)
    {
        // Ways lead mostly from lower to higher numbers, so few passes are needed.
        var isAlive = new bool[table.Length / columns];
        bool isChanged;
        do
        {
            isChanged = false;
            for (int state = isAlive.Length - 1; state > PatternAutomaton.Dead; state--)
            {
                if (!isAlive[state] && Array.Exists(table[(state * columns)..((state + 1) * columns)], IsWay))
                {
                    isAlive[state] = true;
                    isChanged = true;
                }
            }
        }
        while (isChanged);

        for (int i = 0; i < table.Length; i++)
        {
            int next = PatternAutomaton.StateOf(table[i]);
            if (!isAlive[next])
            {
                table[i] = PatternAutomaton.Transition(PatternAutomaton.Dead, PatternAutomaton.IsMatch(table[i]));
            }
        }

        bool IsWay(ushort transition) => PatternAutomaton.IsMatch(transition) || isAlive[PatternAutomaton.StateOf(transition)];
    }

    private int IdOf(int[] state)
    {
        if (!_states.TryGetValue(state, out int id))
        {
            id = _found.Count;
            _states.Add(state, id);
            _found.Add(state);
        }

        return id;
    }

    /// <summary>Finds the state behind a unit; it is in <see cref="_next"/>.</summary>
    /// <returns>True if the units before it match.</returns>
    private bool Step(int[] state, int column)
    {
        _visit++;
        _next.Clear();
        var before = (Before)state[0];
        _next.Add((int)Behind(before, column));
        bool isMatch = false;
        for (int i = 1; i < state.Length; i++)
        {
            isMatch |= TryFollow(state[i], before, column);
            if (isMatch && _kind != AutomatonKind.Starts)
            {
                // The places that follow are less preferred than this match.
                break;
            }
        }

        if (column == EndColumn || (isMatch && _kind == AutomatonKind.Search))
        {
            _next.Clear();
            return isMatch;
        }

        if (_kind != AutomatonKind.End)
        {
            RemoveSuperfluous();
            Add(0);
            _next.Sort(1, _next.Count - 1, null);
        }

        return isMatch;
    }

    private Before Behind(Before before, int column) =>
        !_hasPlaces || column == EndColumn ? Before.Any
        : column == LineBreakColumn || _kinds.Examples[column] == '\n' ? before == Before.Start ? Before.FirstLineBreak : Before.LineBreak
        : _isWord[column] ? Before.Word
        : Before.Other;

    /// <summary>Removes the places in loops that match nothing which another place of the loop does not match.</summary>
    private void RemoveSuperfluous()
    {
        _leastRanks.Clear();
        for (int i = 1; i < _next.Count; i++)
        {
            if (_program.Counts.TryGetValue(_next[i], out (int Loop, int Rank) count))
            {
                _leastRanks[count.Loop] = Math.Min(count.Rank, _leastRanks.GetValueOrDefault(count.Loop, int.MaxValue));
            }
        }

        int kept = 1;
        for (int i = 1; i < _next.Count; i++)
        {
            if (!_program.Counts.TryGetValue(_next[i], out (int Loop, int Rank) count) || count.Rank == _leastRanks[count.Loop])
            {
                _next[kept++] = _next[i];
            }
        }

        _next.RemoveRange(kept, _next.Count - kept);
    }

    /// <summary>Reads a unit at a place, and adds the places behind it.</summary>
    /// <returns>True if the text matches there.</returns>
    private bool TryFollow(int place, Before before, int column)
    {
        bool isMatch = false;
        _open.Clear();
        _open.Push(place);
        while (_open.TryPop(out int at))
        {
            if (_visited[at] == _visit)
            {
                continue;
            }

            _visited[at] = _visit;
            _steps++;
            PatternProgram.Instruction instruction = _program.Instructions[at];
            switch (instruction.Operation)
            {
                case PatternProgram.Operation.Unit when IsIn(instruction.Argument, column):
                    Add(at + 1);
                    break;
                case PatternProgram.Operation.Place when IsAt((PlaceKind)instruction.Argument, before, column):
                    _open.Push(at + 1);
                    break;
                case PatternProgram.Operation.Split:
                    _open.Push(instruction.Other);
                    _open.Push(instruction.Argument);
                    break;
                case PatternProgram.Operation.Match when _kind != AutomatonKind.Starts:
                    return true;
                case PatternProgram.Operation.Match:
                    isMatch = true;
                    break;
                default:
                    break;
            }
        }

        return isMatch;
    }

    /// <summary>Adds a place to the next state.</summary>
    private void Add(int place)
    {
        // A jump and where it leads are the same place.
        for (; _program.Instructions[place] is { Operation: PatternProgram.Operation.Split } jump && jump.Argument == jump.Other; place = jump.Argument)
        {
        }

        if (_added[place] != _visit)
        {
            _added[place] = _visit;
            _next.Add(place);
        }
    }

    private bool IsIn(int unitClass, int column) =>
        column != EndColumn && _isInClass[unitClass][column == LineBreakColumn ? _kinds.Of('\n') : column];

    private bool IsAt(PlaceKind place, Before before, int column)
    {
        bool isWordNext = column < LineBreakColumn && _isWord[column];
        return place switch
        {
            PlaceKind.TextStart => before == Before.Start,
            PlaceKind.TextEnd => column == EndColumn,
            PlaceKind.LastLineEnd => column >= LineBreakColumn,
            PlaceKind.LastLineEndReversed => before is Before.Start or Before.FirstLineBreak,
            PlaceKind.LineStart => before is Before.Start or Before.FirstLineBreak or Before.LineBreak,
            PlaceKind.LineEnd => column >= LineBreakColumn || _kinds.Examples[column] == '\n',
            PlaceKind.WordBoundary => before == Before.Word != isWordNext,
            _ => before == Before.Word == isWordNext,
        };
    }
}
