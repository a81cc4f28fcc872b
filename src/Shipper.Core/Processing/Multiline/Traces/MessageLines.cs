namespace Shipper.Processing.Multiline.Traces;

/// <summary>The lines between the header of a trace and its first frame: the message of an exception may have several lines.</summary>
internal static class MessageLines
{
    /// <summary>Decides about a line that is no frame. It belongs to the trace if a frame comes later.</summary>
    /// <param name="header">Where the header named the exception; receives the place of the last name.</param>
    public static LineRole Next(scoped in TraceLine line, ref ExceptionPlace header)
    {
        if (RecordStarts.IsUnmistakable(line.Text))
        {
            return LineRole.Single;
        }

        if (ExceptionHeader.Find(line.Text) == ExceptionPlace.Start)
        {
            // A logger may write the exception into its own line, and its trace behind. Two traces in a row are two records.
            if (header == ExceptionPlace.Start)
            {
                return LineRole.Single;
            }

            header = ExceptionPlace.Start;
        }

        return LineRole.Undecided;
    }

    /// <summary>As the other one, for automata that have a state for each place of the header.</summary>
    public static LineRole Next(scoped in TraceLine line, ref byte state, byte start, byte inside)
    {
        ExceptionPlace header = state == inside ? ExceptionPlace.Inside : ExceptionPlace.Start;
        LineRole role = Next(in line, ref header);
        state = header == ExceptionPlace.Inside ? inside : start;
        return role;
    }

    /// <summary>Returns the state after a header; 0 if the line names no exception.</summary>
    public static byte Begin(scoped in TraceLine line, byte start, byte inside) => line.Header switch
    {
        ExceptionPlace.Start => start,
        ExceptionPlace.Inside => inside,
        _ => 0,
    };
}
