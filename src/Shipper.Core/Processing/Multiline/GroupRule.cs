namespace Shipper.Processing.Multiline;

/// <summary>
/// Decides which lines of an output are joined to one record. Immutable and shared by all lanes.
/// </summary>
/// <remarks>
/// The answer may depend only on the lines of the group, in their order, and on what was learned from the records before it
/// (<see cref="OutputMemory"/>). So the same bytes give the same records on every reading.
/// </remarks>
internal abstract class GroupRule
{
    /// <summary>True if the rule learns from records, so that its memory has to be stored.</summary>
    public virtual bool Learns => false;

    /// <summary>Classifies a line. Called for every line, so it must not allocate.</summary>
    /// <param name="line">The line, its parts joined, without a newline; if it is very long, its beginning. It may have ANSI escape sequences.</param>
    /// <param name="state">The state of the open group; <c>default</c> if none is open. Receives the state after the line.</param>
    /// <param name="memory">What was learned from the records of this output.</param>
    /// <returns>If no group is open, only <see cref="LineRole.Single"/> or <see cref="LineRole.Begin"/>.</returns>
    public abstract LineRole Classify(ReadOnlySpan<byte> line, ref GroupState state, in OutputMemory memory);

    /// <summary>Learns from a record.</summary>
    /// <param name="state">The state of the group after its last line that was joined, or of the single line.</param>
    /// <param name="lines">Number of lines of the record.</param>
    /// <param name="memory">What was learned from the records before it; receives what was learned from this one.</param>
    /// <returns>True if other lines begin a record than before.</returns>
    public virtual bool Learn(in GroupState state, int lines, ref OutputMemory memory) => false;
}
