namespace Shipper.Processing.Patterns;

/// <summary>What an automaton finds.</summary>
internal enum AutomatonKind
{
    /// <summary>Whether a text has a match. The automaton ends with the first.</summary>
    Search,

    /// <summary>All places at which a match begins. The automaton reads the text from its end.</summary>
    Starts,

    /// <summary>Where a match ends that begins at the first unit: the last place at which the automaton finds a match.</summary>
    End,
}
