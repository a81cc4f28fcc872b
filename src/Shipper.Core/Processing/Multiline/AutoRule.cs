using Shipper.Processing.Ansi;

namespace Shipper.Processing.Multiline;

/// <summary>
/// Learns for each output how its records begin. From then on, a line that does not begin so belongs to the record before it. Until then, and if an output has
/// no such beginning, only stack traces are joined.
/// </summary>
/// <remarks>
/// The first states are those of <see cref="TraceRule"/>. <see cref="GroupState.Count"/> has the number of joined lines that look like free text, and of those
/// that begin with a level or a bracket, with a byte for each. A JSON object on one line is always a record of its own.
/// </remarks>
internal sealed class AutoRule : GroupRule
{
    /// <summary>The bit of <see cref="GroupState.Automata"/> for a group that ends at the next beginning of a record.</summary>
    private const int ByStart = 1 << 16;

    /// <summary>The slot for the beginning of the first line.</summary>
    private const int StartSlot = GroupState.Slots.Length - 1;

    private const int LevelShift = 8;
    private const int BracketShift = 16;
    private const int MaxCount = 255;

    private static readonly TraceRule Traces = new(TraceLanguages.All);

    public override bool Learns => true;

    public override LineRole Classify(ReadOnlySpan<byte> line, ref GroupState state, in OutputMemory memory)
    {
        ReadOnlySpan<byte> text = line[AnsiText.Skip(line)..];
        RecordStart start = RecordStarts.Of(text);
        bool isOpen = IsByStart(in state);
        var learned = new LearnedStarts(memory.Learned);
        if (!learned.IsKnown(FreeLines(in state)))
        {
            return ClassifyUnknown(line, text, start, ref state);
        }

        if (start == RecordStart.Json)
        {
            state = default;
            state.States[StartSlot] = (byte)start;
            return LineRole.Single;
        }

        bool begins = learned.Begins(start);
        if (isOpen && (!begins || start >= RecordStart.Level) && TryJoin(line, text, start, begins, ref state, out LineRole role))
        {
            return role;
        }

        return begins ? Begin(line, text, start, ref state) : ClassifyUnknown(line, text, start, ref state);
    }

    public override bool Learn(in GroupState state, int lines, ref OutputMemory memory)
    {
        var learned = new LearnedStarts(memory.Learned);
        LearnedStarts before = learned;
        var start = (RecordStart)state.States[StartSlot];
        if (start is not (RecordStart.None or RecordStart.Json))
        {
            learned.Add(start, 1);
        }

        if (state.Count != 0)
        {
            learned.Add(RecordStart.None, (byte)state.Count);
            learned.Add(RecordStart.Level, (byte)(state.Count >> LevelShift));
            learned.Add(RecordStart.Bracket, (byte)(state.Count >> BracketShift));
        }

        memory.Learned = learned.Packed;
        return learned.Decide(freeLines: 0) != before.Decide(FreeLines(in state));
    }

    private static bool IsByStart(in GroupState state) => (state.Automata & ByStart) != 0;

    /// <summary>Returns the number of lines in the open group that look like free text.</summary>
    private static int FreeLines(in GroupState state) => IsByStart(in state) ? (byte)state.Count : 0;

    /// <summary>Begins a group that ends at the next beginning of a record.</summary>
    private static LineRole Begin(ReadOnlySpan<byte> line, ReadOnlySpan<byte> text, RecordStart start, ref GroupState state)
    {
        state = default;
        if (RecordStarts.IsMonth(text))
        {
            // The header of java.util.logging has a second line, which begins with a level.
            Traces.Classify(line, ref state);
        }

        state.Automata |= ByStart;
        state.States[StartSlot] = (byte)start;
        return LineRole.Begin;
    }

    /// <summary>Joins a line to the open group, unless it begins a record and does not belong to a trace.</summary>
    private static bool TryJoin(ReadOnlySpan<byte> line, ReadOnlySpan<byte> text, RecordStart start, bool begins, ref GroupState state, out LineRole role)
    {
        GroupState inner = state;
        inner.Automata &= ~ByStart;
        role = begins && inner.Automata == 0 ? LineRole.Single : Traces.Classify(line, ref inner);
        bool isOfTrace = role is LineRole.Join or LineRole.JoinCause;
        if (begins && !isOfTrace)
        {
            return false;
        }

        bool looksFree = !isOfTrace && role != LineRole.Begin && !text.IsEmpty && text[0] is not ((byte)' ' or (byte)'\t');
        inner.Automata |= ByStart;
        inner.States[StartSlot] = state.States[StartSlot];
        inner.Count = looksFree ? CountFree(state.Count, start) : state.Count;
        state = inner;
        role = role == LineRole.JoinCause ? role : LineRole.Join;
        return true;
    }

    private static int CountFree(int count, RecordStart start)
    {
        int shift = start == RecordStart.Level ? LevelShift : start == RecordStart.Bracket ? BracketShift : 0;
        return ((count >> shift) & MaxCount) == MaxCount ? count : count + (1 << shift);
    }

    /// <summary>Classifies a line as <see cref="TraceRule"/> does, and remembers how it begins.</summary>
    private static LineRole ClassifyUnknown(ReadOnlySpan<byte> line, ReadOnlySpan<byte> text, RecordStart start, ref GroupState state)
    {
        if (IsByStart(in state))
        {
            state = default;
        }

        LineRole role = Traces.Classify(line, ref state);
        if (role is LineRole.Single or LineRole.Begin)
        {
            bool looksFree = role == LineRole.Single && start == RecordStart.None && !text.IsEmpty && text[0] is not ((byte)' ' or (byte)'\t');
            state.States[StartSlot] = (byte)start;
            state.Count = looksFree ? 1 : 0;
        }

        return role;
    }
}
