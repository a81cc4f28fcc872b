using System.Numerics;
using Shipper.Processing;
using Shipper.Processing.Multiline;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A rule that makes groups of any lines: the first byte of a line and the lines of the group before it decide. It also learns from each record, so a record
/// that is learned from twice, or not at all, changes the groups behind it.
/// </summary>
internal sealed class AnyGroups : GroupRule
{
    /// <summary>The rules of a log whose lines are grouped.</summary>
    public static StreamRules Rules { get; } = new(excluded: null, new OutputRules(new AnyGroups()), new OutputRules(new AnyGroups())) { HasMemory = true };

    public override bool Learns => true;

    public override LineRole Classify(ReadOnlySpan<byte> line, ref GroupState state, in OutputMemory memory)
    {
        bool isOpen = state.Automata != 0;
        int first = line.IsEmpty ? 0 : line[0];
        state.Count = (state.Count * 31) + first;
        LineRole role = ((uint)(state.Count + (int)(memory.Learned % 3)) % 8) switch
        {
            0 => LineRole.Single,
            1 or 2 => LineRole.Begin,
            3 or 4 => isOpen ? LineRole.Join : LineRole.Begin,
            5 => isOpen ? LineRole.JoinCause : LineRole.Single,
            _ => isOpen ? LineRole.Undecided : LineRole.Begin,
        };
        state.Automata = 1;
        return role;
    }

    public override bool Learn(in GroupState state, int lines, ref OutputMemory memory)
    {
        memory.Learned = BitOperations.RotateLeft(memory.Learned, 7) + (ulong)lines + 1;
        return true;
    }
}
