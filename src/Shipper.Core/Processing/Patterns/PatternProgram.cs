namespace Shipper.Processing.Patterns;

/// <summary>A regex as a nondeterministic automaton: instructions that follow each other or jump.</summary>
internal sealed class PatternProgram
{
    private readonly List<Instruction> _instructions = [];
    private readonly Dictionary<int, (int Loop, int Rank)> _counts = [];
    private readonly int _maxInstructions;
    private readonly bool _isReversed;

    private PatternProgram(int maxInstructions, bool isReversed)
    {
        _maxInstructions = maxInstructions;
        _isReversed = isReversed;
    }

    public enum Operation
    {
        /// <summary>Reads one unit of class <see cref="Instruction.Argument"/>.</summary>
        Unit,

        /// <summary>Goes on if this is the place <see cref="Instruction.Argument"/>, a <see cref="PlaceKind"/>.</summary>
        Place,

        /// <summary>Goes on at both <see cref="Instruction.Argument"/> and <see cref="Instruction.Other"/>; the first is preferred.</summary>
        Split,

        /// <summary>The text matches.</summary>
        Match,
    }

    public IReadOnlyList<Instruction> Instructions => _instructions;

    /// <summary>
    /// The places in loops of one unit, by their instruction. Of several places in a loop, the one with the lowest rank matches whatever the others match.
    /// </summary>
    public IReadOnlyDictionary<int, (int Loop, int Rank)> Counts => _counts;

    /// <summary>True if the regex has anchors.</summary>
    public bool HasPlaces => _instructions.Exists(instruction => instruction.Operation == Operation.Place);

    /// <summary>Makes the automaton of a regex.</summary>
    /// <param name="isReversed">True for the automaton that reads a match from its end.</param>
    /// <returns>Null if it has too many instructions.</returns>
    public static PatternProgram? Create(PatternNode root, int maxInstructions, bool isReversed)
    {
        var program = new PatternProgram(maxInstructions, isReversed);
        if (!program.TryAdd(root))
        {
            return null;
        }

        program.Add(Operation.Match);
        return program;
    }

    private bool TryAdd(PatternNode node)
    {
        if (_instructions.Count > _maxInstructions)
        {
            return false;
        }

        switch (node)
        {
            case PatternNode.Unit unit:
                Add(Operation.Unit, unit.Class);
                break;
            case PatternNode.Place place:
                Add(Operation.Place, (int)(_isReversed ? Reverse(place.Kind) : place.Kind));
                break;
            case PatternNode.Sequence sequence:
                return (_isReversed ? sequence.Items.Reverse() : sequence.Items).All(TryAdd);
            case PatternNode.Choice choice:
                return TryAddChoice(choice.Items);
            case PatternNode.Loop loop:
                return TryAddLoop(loop);
            default:
                throw new ArgumentOutOfRangeException(nameof(node));
        }

        return true;
    }

    private bool TryAddChoice(PatternNode[] items)
    {
        var ends = new List<int>();
        for (int i = 0; i < items.Length - 1; i++)
        {
            int split = Add(Operation.Split, _instructions.Count + 1);
            if (!TryAdd(items[i]))
            {
                return false;
            }

            ends.Add(Add(Operation.Split));
            _instructions[split] = _instructions[split] with { Other = _instructions.Count };
        }

        bool isAdded = TryAdd(items[^1]);
        ends.ForEach(end => _instructions[end] = new Instruction(Operation.Split, _instructions.Count, _instructions.Count));
        return isAdded;
    }

    private bool TryAddLoop(PatternNode.Loop loop)
    {
        bool isCounted = loop.Item is PatternNode.Unit;
        int id = _instructions.Count;
        for (int i = 0; i < loop.Least; i++)
        {
            if (isCounted && loop.Most is null)
            {
                _counts[_instructions.Count] = (id, loop.Least - i);
            }

            int before = _instructions.Count;
            if (!TryAdd(loop.Item))
            {
                return false;
            }

            if (_instructions.Count == before)
            {
                // To repeat nothing, however often, adds nothing.
                return true;
            }
        }

        if (loop.Most is null)
        {
            int split = Add(Operation.Split);
            if (isCounted)
            {
                _counts[split] = (id, 0);
            }

            bool isAdded = TryAdd(loop.Item);
            Add(Operation.Split, split, split);
            Leave(split);
            return isAdded;
        }

        var splits = new List<int>();
        for (int i = loop.Least; i < loop.Most; i++)
        {
            if (isCounted)
            {
                _counts[_instructions.Count] = (id, i);
            }

            splits.Add(Add(Operation.Split));
            if (!TryAdd(loop.Item))
            {
                return false;
            }
        }

        splits.ForEach(Leave);
        return true;

        // Instructions of the loop follow the split.
        void Leave(int split) => _instructions[split] = loop.IsLazy
            ? new Instruction(Operation.Split, _instructions.Count, split + 1)
            : new Instruction(Operation.Split, split + 1, _instructions.Count);
    }

    private int Add(Operation operation, int argument = 0, int other = 0)
    {
        _instructions.Add(new Instruction(operation, argument, other));
        return _instructions.Count - 1;
    }

    private static PlaceKind Reverse(PlaceKind kind) => kind switch
    {
        PlaceKind.TextStart => PlaceKind.TextEnd,
        PlaceKind.TextEnd => PlaceKind.TextStart,
        PlaceKind.LastLineEnd => PlaceKind.LastLineEndReversed,
        PlaceKind.LineStart => PlaceKind.LineEnd,
        PlaceKind.LineEnd => PlaceKind.LineStart,
        _ => kind,
    };

    public readonly record struct Instruction(Operation Operation, int Argument, int Other);
}
