namespace Shipper.Processing.Multiline.Traces;

/// <summary>Recognizes the traces of one language.</summary>
/// <remarks>Immutable: the state of a trace is one byte of the <see cref="GroupState"/>. No method allocates, and each takes time linear in the line.</remarks>
internal abstract class TraceAutomaton
{
    /// <summary>Returns the state after a line that can begin a trace; 0 if the line can't.</summary>
    public abstract byte Begin(scoped in TraceLine line);

    /// <summary>Decides whether a line continues the trace.</summary>
    /// <param name="state">The state after the lines before it; receives the state after this one.</param>
    /// <returns><see cref="LineRole.Single"/> if it does not; never <see cref="LineRole.Begin"/>.</returns>
    public abstract LineRole Next(scoped in TraceLine line, ref byte state);

    /// <summary>The answer for a line that does not break the trace: it sets the state and joins.</summary>
    protected static LineRole Join(ref byte state, byte next)
    {
        state = next;
        return LineRole.Join;
    }

    /// <summary>As <see cref="Join"/>, for a line that begins the cause of an exception.</summary>
    protected static LineRole Cause(ref byte state, byte next)
    {
        state = next;
        return LineRole.JoinCause;
    }
}
