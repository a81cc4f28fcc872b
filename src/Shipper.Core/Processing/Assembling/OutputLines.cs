using Shipper.Processing.Multiline;
using Shipper.Records;

namespace Shipper.Processing.Assembling;

/// <summary>The lines of one output that are held: parts of a line, and the lines of a group.</summary>
/// <remarks>Not thread-safe: each lane has one for each output.</remarks>
/// <param name="capacity">The largest maximum line size of any source.</param>
/// <param name="records">Makes the records.</param>
internal sealed class OutputLines(int capacity, LogOutput output, RecordMaker records)
{
    /// <summary>Decides which lines are joined; null if each line is a record.</summary>
    public GroupRule? Rule { get; private set; }

    /// <summary>The line that is being read in parts.</summary>
    public PartialLine Parts { get; } = new(capacity);

    /// <summary>The open group.</summary>
    public LineGroup Group { get; } = new(capacity);

    /// <summary>Lines after the group that may belong to it.</summary>
    public UndecidedLines Undecided { get; } = new();

    /// <summary>True while something is held.</summary>
    public bool IsHolding => Parts.IsOpen || Group.IsOpen || Undecided.Count > 0;

    /// <summary>True if a group is open and no line is being read in parts, so that the group can end.</summary>
    public bool CanFlushGroup => !Parts.IsOpen && (Group.IsOpen || Undecided.Count > 0);

    /// <summary>True if a record may be due before the next line is read.</summary>
    public bool HasPending => Parts.IsComplete || Undecided.MustReplay;

    /// <summary>The state of a group that was sent because the log was quiet, until another line follows it; else <c>default</c>.</summary>
    public GroupState FlushedGroup { get; private set; }

    /// <summary>True until the first line after a group that was sent because the log was quiet.</summary>
    public bool FollowsFlushedGroup => FlushedGroup.Automata != 0;

    /// <summary>Ordinal of the file with the first held byte, and its offset. Only valid while something is held.</summary>
    public (int Ordinal, long Start) First =>
        Group.IsOpen ? (Group.Ordinal, Group.Start) : Undecided.Count > 0 ? Undecided.First : (Parts.Ordinal, Parts.Start);

    /// <summary>Number of bytes that is held of the file that is being read.</summary>
    public long FileBytes => (Parts.IsOpen ? Parts.FileBytes : 0) + (Group.IsOpen ? Group.FileBytes : 0) + Undecided.FileBytes;

    /// <summary>Begins a turn: forgets everything that was held.</summary>
    /// <param name="flushed">The <see cref="FlushedGroup"/> of the turn before.</param>
    public void BeginTurn(GroupRule? rule, in GroupState flushed)
    {
        Rule = rule;
        FlushedGroup = flushed;
        Parts.Close();
        Group.Forget();
        Undecided.Clear();
    }

    /// <summary>True if what is held begins in an earlier file, before the boundary in that file: it was sent before, together with what followed it.</summary>
    public bool WasSent { get; private set; }

    /// <summary>Continues in the next file.</summary>
    /// <param name="ordinal">Ordinal of the file that was read to its end.</param>
    /// <param name="boundary">Offset in that file up to which records may have been sent before; 0 if there is none.</param>
    public void ContinueInNextFile(int ordinal, long boundary)
    {
        WasSent = IsHolding && (First.Ordinal == ordinal ? First.Start < boundary : WasSent);
        Parts.FileBytes = 0;
        Group.FileBytes = 0;
        Undecided.ContinueInNextFile();
    }

    /// <summary>Classifies a line that follows a group which was sent because the log was quiet.</summary>
    /// <returns>True if the line would have continued the group.</returns>
    public bool IsLate(ReadOnlySpan<byte> line, in OutputMemory memory)
    {
        GroupState state = FlushedGroup;
        FlushedGroup = default;
        return Rule is not null && Rule.Classify(line, ref state, in memory) is LineRole.Join or LineRole.JoinCause;
    }

    /// <summary>Returns true if what is held must end before a line with this time at this offset.</summary>
    public bool IsExpired(long timestampNs, long offset) => Parts.IsOpen ? Parts.IsExpired(timestampNs, offset) : Group.IsExpired(timestampNs, offset);

    /// <summary>Classifies a line, and adds it to the group or ends the group.</summary>
    /// <param name="maxBytes">Maximum length of a record.</param>
    /// <param name="draft">Receives the record that is due, if any.</param>
    public AddResult Add(scoped in AssembledLine line, ref OutputMemory memory, int maxBytes, ref RecordDraft draft)
    {
        GroupState state = LastState;
        LineRole role = Rule is null || line.IsAlone ? LineRole.Single : Rule.Classify(line.Content, ref state, in memory);
        if (role is LineRole.Join or LineRole.JoinCause && Group.IsOpen)
        {
            JoinUndecided();
            Group.Append(in line, in state, role == LineRole.JoinCause);
            return Group.IsFull ? EndGroup(AddResult.Record, ref memory, ref draft) : AddResult.Held;
        }

        if (role == LineRole.Undecided && Group.IsOpen && Undecided.TryAdd(in line, in state))
        {
            return AddResult.Held;
        }

        if (Undecided.Count > 0)
        {
            Undecided.Replay();
            return EndGroup(AddResult.OlderRecordFirst, ref memory, ref draft);
        }

        if (Group.IsOpen)
        {
            bool hasLearned = Rule!.Learn(in Group.State, Group.Lines, ref memory);
            records.Make(Group, output, ref draft);

            // A line that begins a group does so after any group, unless the rule has just learned otherwise.
            if (role == LineRole.Undecided || (role == LineRole.Begin && hasLearned))
            {
                state = default;
                role = Rule.Classify(line.Content, ref state, in memory);
            }

            if (role == LineRole.Single)
            {
                return AddResult.OlderRecordFirst;
            }

            Group.Open(in line, in state, maxBytes);
            return AddResult.Record;
        }

        if (role == LineRole.Single)
        {
            Rule?.Learn(in state, 1, ref memory);
            return records.Make(in line, output, ref draft);
        }

        Group.Open(in line, in state, maxBytes);
        return AddResult.Held;
    }

    /// <summary>Continues with what is held and complete: lines that must be classified again, and a line whose last part was read.</summary>
    /// <param name="draft">Receives the record that is due, if any.</param>
    /// <returns>True if a record is due.</returns>
    public bool TryTakePending(ref OutputMemory memory, int maxBytes, ref RecordDraft draft)
    {
        while (Undecided.MustReplay)
        {
            if (TryReplay(ref memory, maxBytes, ref draft))
            {
                return true;
            }
        }

        while (Parts.IsComplete)
        {
            AddResult result = Add(Parts.ToLine(), ref memory, maxBytes, ref draft);
            if (result != AddResult.OlderRecordFirst)
            {
                Parts.Close();
            }

            if (result != AddResult.Held)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes one step towards sending what is held as it is.</summary>
    /// <param name="isQuiet">True if the reason is that the log is quiet, so a line that would continue the group may still come.</param>
    /// <param name="draft">Receives the record that is due, if any.</param>
    /// <returns>True if a record is due.</returns>
    public bool TryFlush(bool isQuiet, ref OutputMemory memory, int maxBytes, ref RecordDraft draft)
    {
        if (Parts.IsOpen && !Parts.IsComplete)
        {
            Parts.Complete();
        }

        if (TryTakePending(ref memory, maxBytes, ref draft))
        {
            return true;
        }

        if (!Group.IsOpen)
        {
            return false;
        }

        FlushedGroup = isQuiet && Undecided.Count == 0 ? Group.State : default;
        Undecided.Replay();
        EndGroup(AddResult.Record, ref memory, ref draft);
        return true;
    }

    /// <summary>The state of the rule after the last line that was classified; that line need not belong to the group.</summary>
    private GroupState LastState => Undecided.Undecided > 0 ? Undecided.LastState : Group.State;

    private void JoinUndecided()
    {
        while (Undecided.Undecided > 0)
        {
            AssembledLine undecided = Undecided.GetFirst(out GroupState state);
            Group.Append(in undecided, in state, isCause: false);
            Undecided.RemoveFirst();
        }
    }

    /// <summary>Classifies the next of the lines before which a group has ended.</summary>
    /// <returns>True if a record is due.</returns>
    private bool TryReplay(ref OutputMemory memory, int maxBytes, ref RecordDraft draft)
    {
        AssembledLine line = Undecided.GetNext();
        GroupState state = LastState;
        LineRole role = Rule!.Classify(line.Content, ref state, in memory);
        if (!Group.IsOpen)
        {
            Undecided.RemoveFirst();
            if (role == LineRole.Single)
            {
                Rule.Learn(in state, 1, ref memory);
                records.Make(in line, output, ref draft);
                return true;
            }

            Group.Open(in line, in state, maxBytes);
            return false;
        }

        switch (role)
        {
            case LineRole.Join or LineRole.JoinCause:
                JoinUndecided();
                Group.Append(in line, in state, role == LineRole.JoinCause);
                Undecided.RemoveFirst();
                return Group.IsFull && EndGroup(AddResult.Record, ref memory, ref draft) == AddResult.Record;
            case LineRole.Undecided:
                Undecided.KeepNext(in state);
                return false;
            default:
                Undecided.Replay();
                EndGroup(AddResult.Record, ref memory, ref draft);
                return true;
        }
    }

    private AddResult EndGroup(AddResult result, ref OutputMemory memory, ref RecordDraft draft)
    {
        Rule!.Learn(in Group.State, Group.Lines, ref memory);
        records.Make(Group, output, ref draft);
        return result;
    }
}
