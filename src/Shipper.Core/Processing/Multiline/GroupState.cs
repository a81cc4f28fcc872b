using System.Runtime.CompilerServices;

namespace Shipper.Processing.Multiline;

/// <summary>
/// What a <see cref="GroupRule"/> remembers from one line to the next of the same output, while a group is open. A value, so that it can be set back. The
/// assembler resets it (<c>default</c>) when a group ends, and keeps it from the first line of a group on.
/// </summary>
internal struct GroupState
{
    /// <summary>The automaton that has begun the group, or several of them as flags; 0 if no group is open.</summary>
    public int Automata;

    /// <summary>State of each automaton of <see cref="Automata"/>, as the rule defines it.</summary>
    public Slots States;

    /// <summary>Anything else that the rule counts, for example the depth of brackets.</summary>
    public int Count;

    /// <summary>One byte for each automaton.</summary>
    [InlineArray(Length)]
    public struct Slots
    {
        public const int Length = 12;
        private byte _first;
    }
}
