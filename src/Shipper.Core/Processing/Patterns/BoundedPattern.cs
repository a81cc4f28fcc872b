namespace Shipper.Processing.Patterns;

/// <summary>
/// A regex whose memory and time are bounded, for regexes of pods: .NET's own automaton grows while it matches, to gigabytes if the regex is hostile. It
/// matches the same texts as .NET, and finds the same matches, except for the length of some matches of a loop around something that can be empty.
/// Immutable.
/// </summary>
internal sealed class BoundedPattern
{
    /// <summary>Maximum size of one automaton in bytes.</summary>
    public const int MaxBytes = 128 * 1024;

    private const int MaxClasses = 60;
    private const int MaxInstructions = 4_000;

    /// <summary>All matches in a text may take this many steps for each of its units, and some more.</summary>
    private const int StepsPerUnit = 32;

    private const int MoreSteps = 4096;

    private readonly PatternAutomaton? _search;
    private readonly PatternAutomaton? _starts;
    private readonly PatternAutomaton? _end;

    private BoundedPattern(PatternAutomaton? search, PatternAutomaton? starts, PatternAutomaton? end, int bytes)
    {
        _search = search;
        _starts = starts;
        _end = end;
        Bytes = bytes;
    }

    /// <summary>Size in bytes. It never grows.</summary>
    public int Bytes { get; }

    /// <summary>Makes the automata of a regex.</summary>
    /// <param name="pattern">A regex that .NET accepts and can match without backtracking.</param>
    /// <param name="findsAll">True if the places of all matches are wanted; otherwise only whether there is a match.</param>
    /// <returns>Null if an automaton would be larger than <see cref="MaxBytes"/>, or the regex has a rare construct.</returns>
    public static BoundedPattern? Create(string pattern, bool findsAll)
    {
        if (PatternParser.Parse(pattern, MaxClasses) is not { } tree
            || PatternProgram.Create(tree.Root, MaxInstructions, isReversed: false) is not { } program
            || UnitKinds.Of(tree, program) is not { } kinds)
        {
            return null;
        }

        if (!findsAll)
        {
            return Build(program, AutomatonKind.Search) is { } search ? new BoundedPattern(search, null, null, search.Bytes + kinds.Bytes) : null;
        }

        return PatternProgram.Create(tree.Root, MaxInstructions, isReversed: true) is { } reversed
            && Build(reversed, AutomatonKind.Starts) is { } starts && Build(program, AutomatonKind.End) is { } end
            ? new BoundedPattern(null, starts, end, starts.Bytes + end.Bytes + kinds.Bytes) : null;

        PatternAutomaton? Build(PatternProgram from, AutomatonKind kind) => AutomatonBuilder.Build(from, tree, kinds, kind, MaxBytes / sizeof(ushort));
    }

    /// <summary>Returns true if the text has a match.</summary>
    public bool IsMatch(ReadOnlySpan<char> text) => _search!.Finds(text);

    /// <summary>Finds the places at which a match begins: the first step to find all matches.</summary>
    /// <param name="starts">Receives true for each place at which a match begins; at least as long as the text.</param>
    /// <returns>False if there are none before the end of the text.</returns>
    public bool TryFindStarts(ReadOnlySpan<char> text, Span<bool> starts)
    {
        PatternAutomaton automaton = _starts!;
        bool isAny = false;
        int state = PatternAutomaton.Start;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            bool isStart = automaton.Read(ref state, text[i]);
            if (i + 1 < text.Length)
            {
                starts[i + 1] = isStart;
                isAny |= isStart;
            }
        }

        if (!text.IsEmpty)
        {
            starts[0] = automaton.IsMatchAtEnd(state);
            isAny |= starts[0];
        }

        return isAny;
    }

    /// <summary>Finds the next match.</summary>
    /// <param name="starts">The places at which matches begin.</param>
    /// <param name="from">Where to begin the search: 0, then the end of the last match.</param>
    /// <param name="steps">The steps that are left (<see cref="StepsFor"/>). When there are none, the rest of the text is one match: see there.</param>
    /// <param name="index">Receives the index of the match.</param>
    /// <param name="length">Receives the length of the match. Empty matches are skipped.</param>
    public bool TryFindNext(ReadOnlySpan<char> text, ReadOnlySpan<bool> starts, int from, ref int steps, out int index, out int length)
    {
        index = from;
        length = 0;
        while (index < text.Length && starts[index..text.Length].IndexOf(true) is var offset and >= 0)
        {
            index += offset;
            length = FindLength(text, index, ref steps);
            if (length > 0)
            {
                return true;
            }

            index++;
        }

        return false;
    }

    /// <summary>
    /// Returns the number of steps for all matches in a text of some length. Ordinary matches take about one step for each of their units. A regex that looks
    /// far beyond each of many matches would take the square of the length. When the steps are used up, the rest of the text is one match: rather too much is
    /// removed than a secret is sent.
    /// </summary>
    public static int StepsFor(int length) => (StepsPerUnit * length) + MoreSteps;

    private int FindLength(ReadOnlySpan<char> text, int index, ref int steps)
    {
        PatternAutomaton automaton = _end!;
        int state = index == 0 ? PatternAutomaton.Start : automaton.StartBehind(text[index - 1]);
        int end = index;
        for (int i = index; i < text.Length; i++)
        {
            if (--steps < 0)
            {
                return text.Length - index;
            }

            if (i == text.Length - 1 ? automaton.ReadLast(ref state, text[i]) : automaton.Read(ref state, text[i]))
            {
                end = i;
            }

            if (state == PatternAutomaton.Dead)
            {
                return end - index;
            }
        }

        return (automaton.IsMatchAtEnd(state) ? text.Length : end) - index;
    }
}
