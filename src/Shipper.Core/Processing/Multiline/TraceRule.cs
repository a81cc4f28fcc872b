using System.Runtime.CompilerServices;
using Shipper.Processing.Ansi;
using Shipper.Processing.Multiline.Traces;

namespace Shipper.Processing.Multiline;

/// <summary>
/// Joins the lines of stack traces. A line that can't begin a trace is a record at once; one that can is held until the next line comes.
/// </summary>
/// <remarks>
/// The header of many traces looks the same in several languages, so all automata that a line fits run side by side. Those that a later line does not fit are
/// given up.
/// </remarks>
internal sealed class TraceRule : GroupRule
{
    /// <summary>Number of bytes of a line with ANSI sequences that are looked at.</summary>
    private const int MaxPlainBytes = 2048;

    /// <summary>By the bits of <see cref="TraceLanguages"/>.</summary>
    private static readonly TraceAutomaton[] Automata =
    [
        new JavaTrace(), new PythonTrace(), new GoTrace(), new DotnetTrace(), new NodeTrace(),
        new RubyTrace(), new PhpTrace(), new RustTrace(), new DartTrace(), new JsonText(),
    ];

    private readonly int _automata;

    /// <param name="languages">What is joined.</param>
    public TraceRule(TraceLanguages languages) => _automata = (int)languages;

    public override LineRole Classify(ReadOnlySpan<byte> line, ref GroupState state, in OutputMemory memory) => Classify(line, ref state);

    /// <summary>Classifies a line.</summary>
    /// <param name="state">The state of the open group; receives the state after the line.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LineRole Classify(ReadOnlySpan<byte> line, ref GroupState state) =>
        state.Automata == 0 && !TraceTriggers.MayBegin(line) ? LineRole.Single : ClassifyCandidate(line, ref state);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private LineRole ClassifyCandidate(ReadOnlySpan<byte> line, ref GroupState state) =>
        line.Contains(AnsiText.Escape) ? ClassifyColored(line, ref state) : ClassifyPlain(line, line, ref state);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private LineRole ClassifyColored(ReadOnlySpan<byte> line, ref GroupState state)
    {
        Span<byte> plain = stackalloc byte[MaxPlainBytes];
        return ClassifyPlain(line, plain[..AnsiText.Strip(line, plain)], ref state);
    }

    private LineRole ClassifyPlain(ReadOnlySpan<byte> line, scoped ReadOnlySpan<byte> text, ref GroupState state)
    {
        if (state.Automata == 0)
        {
            return Begin(text, ref state);
        }

        LineRole role = Continue(new TraceLine(text), ref state);
        if (role is LineRole.Join or LineRole.JoinCause || (role == LineRole.Undecided && !TraceTriggers.IsUnmistakable(text)))
        {
            return role;
        }

        state = default;

        // As without an open group, so that the answer is the same if that group was sent before a restart.
        return TraceTriggers.MayBegin(line) ? Begin(text, ref state) : LineRole.Single;
    }

    private LineRole Begin(scoped ReadOnlySpan<byte> text, ref GroupState state)
    {
        state = default;
        var line = new TraceLine(text);
        if (line.IsBlank)
        {
            // Nothing but colors and spaces.
            return LineRole.Single;
        }

        line = new TraceLine(text, ExceptionHeader.Find(line.Text));
        for (int i = 0; i < Automata.Length; i++)
        {
            if ((_automata & (1 << i)) != 0)
            {
                byte begun = Automata[i].Begin(in line);
                state.States[i] = begun;
                state.Automata |= begun != 0 ? 1 << i : 0;
            }
        }

        return state.Automata != 0 ? LineRole.Begin : LineRole.Single;
    }

    private static LineRole Continue(scoped in TraceLine line, ref GroupState state)
    {
        int joined = 0;
        int undecided = 0;
        LineRole best = LineRole.Single;
        for (int i = 0; i < Automata.Length; i++)
        {
            int bit = 1 << i;
            if ((state.Automata & bit) == 0)
            {
                continue;
            }

            LineRole role = Automata[i].Next(in line, ref state.States[i]);
            if (role == LineRole.Undecided)
            {
                undecided |= bit;
            }
            else if (role != LineRole.Single)
            {
                joined |= bit;
                best = role > best ? role : best;
            }
        }

        // An automaton that joins the line knows better than one that waits for the next.
        state.Automata = joined != 0 ? joined : undecided;
        return joined != 0 ? best : undecided != 0 ? LineRole.Undecided : LineRole.Single;
    }
}
