namespace Shipper.Processing.Patterns;

/// <summary>Divides the UTF-16 units into kinds: a regex does not tell units of one kind apart.</summary>
internal sealed class UnitKinds
{
    /// <summary>Maximum number of kinds.</summary>
    public const int MaxCount = 250;

    private const int AsciiCount = 128;
    private const int MaxIntervals = 8_192;

    private readonly byte[] _ascii = new byte[AsciiCount];

    /// <summary>The first units of intervals of one kind, and the kinds.</summary>
    private readonly char[] _starts;
    private readonly byte[] _kinds;

    private UnitKinds(char[] starts, byte[] kinds, char[] examples)
    {
        _starts = starts;
        _kinds = kinds;
        Examples = examples;
        for (int i = 0; i < AsciiCount; i++)
        {
            _ascii[i] = Find((char)i);
        }
    }

    /// <summary>One unit of each kind.</summary>
    public char[] Examples { get; }

    /// <summary>Approximate size in bytes.</summary>
    public int Bytes => AsciiCount + (3 * _starts.Length);

    /// <summary>Divides the units.</summary>
    /// <param name="classes">The classes of the regex.</param>
    /// <returns>Null if there are too many kinds, or too many intervals of them.</returns>
    private static UnitKinds? Create(IReadOnlyList<(char First, char Last)[]> classes)
    {
        // A unit that begins a range, or follows one, begins an interval of units that are all in the same classes.
        int[] starts = [.. classes.SelectMany(ranges => ranges).SelectMany(range => new[] { range.First, range.Last + 1 })
            .Append(0).Where(start => start <= char.MaxValue).Distinct().Order()];
        if (starts.Length > MaxIntervals)
        {
            return null;
        }

        var classesOf = new UInt128[starts.Length];
        foreach ((char First, char Last)[] ranges in classes)
        {
            int next = 0;
            for (int interval = 0; interval < starts.Length; interval++)
            {
                while (next < ranges.Length && ranges[next].Last < starts[interval])
                {
                    next++;
                }

                bool isIn = next < ranges.Length && ranges[next].First <= starts[interval];
                classesOf[interval] = (classesOf[interval] * 0x9E3779B97F4A7C15) + (isIn ? 0xBF58476D1CE4E5B9 : 1);
            }
        }

        var kindOf = new Dictionary<UInt128, byte>();
        var examples = new List<char>();
        var kinds = new byte[starts.Length];
        for (int i = 0; i < starts.Length; i++)
        {
            if (!kindOf.TryGetValue(classesOf[i], out kinds[i]))
            {
                if (examples.Count == MaxCount)
                {
                    return null;
                }

                kinds[i] = (byte)examples.Count;
                kindOf.Add(classesOf[i], kinds[i]);
                examples.Add((char)starts[i]);
            }
        }

        return new UnitKinds([.. starts.Select(start => (char)start)], kinds, [.. examples]);
    }

    /// <summary>Divides the units for a regex.</summary>
    /// <returns>Null if there are too many kinds, or too many intervals of them.</returns>
    public static UnitKinds? Of(PatternSyntaxTree tree, PatternProgram program) =>
        Create(program.HasPlaces ? [.. tree.Classes, CharClass.Word, [('\n', '\n')]] : tree.Classes);

    /// <summary>Returns the kind of a unit: its index in <see cref="Examples"/>.</summary>
    public int Of(char unit) => unit < AsciiCount ? _ascii[unit] : Find(unit);

    /// <summary>Returns true if any unit beyond ASCII is of one of some kinds.</summary>
    /// <param name="kinds">True for each of these kinds.</param>
    public bool HasOthers(bool[] kinds)
    {
        int first = Array.FindLastIndex(_starts, start => start <= AsciiCount);
        return _kinds.AsSpan(first).ContainsAny([.. Enumerable.Range(0, kinds.Length).Where(kind => kinds[kind]).Select(kind => (byte)kind)]);
    }

    private byte Find(char unit)
    {
        int index = _starts.AsSpan().BinarySearch(unit);
        return _kinds[index < 0 ? ~index - 1 : index];
    }
}
