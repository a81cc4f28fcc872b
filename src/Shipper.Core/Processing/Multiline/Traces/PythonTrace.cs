namespace Shipper.Processing.Multiline.Traces;

/// <summary>Python.</summary>
/// <remarks>
/// <code>
/// header:  [text] Traceback (most recent call last): |   + Exception Group Traceback (most recent call last):
/// frames:    File "/app/main.py", line 12, in main, and indented lines: source, ~~~^^^, | of a group
/// final:   package.AppError: message | KeyboardInterrupt
/// chain:   an empty line, During handling of the above exception, … | The above exception was …, an empty line, header
/// </code>
/// Source: Lib/traceback.py of Python 3.13.
/// </remarks>
internal sealed class PythonTrace : TraceAutomaton
{
    private const byte Frames = 1;
    private const byte Final = 2;
    private const byte FinalAndText = 3;
    private const byte Chain = 4;
    private const byte Group = 5;
    private const byte Intro = 6;
    private const byte Validation = 7;

    public override byte Begin(scoped in TraceLine line) =>
        HeaderOf(in line) is > 0 and byte header ? header
        : IsIntro(line.Text) ? Intro
        : line.IsIndented && line.Body.StartsWith("File \""u8) && line.Body.IndexOf("\", line "u8) > 0 ? Frames
        : (byte)0;

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        if (line.IsBlank)
        {
            return LineRole.Undecided;
        }

        switch (state)
        {
            case Frames:
                return NextOfFrames(in line, ref state);
            case Chain or Intro when HeaderOf(in line) is > 0 and byte header:
                return Join(ref state, header);
            case Intro when IsFrameOrThread(in line):
                return Join(ref state, Frames);
            case Intro:
                return RecordStarts.IsUnmistakable(line.Text) ? LineRole.Single : LineRole.Undecided;
            case Chain:
                return LineRole.Single;
        }

        if (line.Text.StartsWith("During handling of the above exception"u8) || line.Text.StartsWith("The above exception was "u8))
        {
            return Join(ref state, Chain);
        }

        if (state == Group && line.IsIndented && HeaderOf(in line) != Group)
        {
            // Also the trace of an exception within the group.
            return LineRole.Join;
        }

        if (HeaderOf(in line) > 0 || (!line.IsIndented && RecordStarts.Of(line.Text) is not (RecordStart.None or RecordStart.Bracket)))
        {
            return LineRole.Single;
        }

        if (line.IsIndented)
        {
            return state == FinalAndText ? LineRole.Undecided : LineRole.Join;
        }

        if (state == Group)
        {
            return LineRole.Single;
        }

        if (IsDetail(line.Text))
        {
            return Join(ref state, Final);
        }

        // The message may go on. Only a chain shows that it does, or the indented lines of an error of validation.
        state = state == Validation ? Validation : FinalAndText;
        return LineRole.Undecided;
    }

    /// <summary>Returns the state after the header of a trace; 0 if the line is none.</summary>
    private static byte HeaderOf(scoped in TraceLine line) =>
        !line.Text.EndsWith("Traceback (most recent call last):"u8) ? (byte)0
        : line.Text.EndsWith("+ Exception Group Traceback (most recent call last):"u8) ? Group
        : Frames;

    private static LineRole NextOfFrames(scoped in TraceLine line, ref byte state)
    {
        if (line.IsIndented)
        {
            return LineRole.Join;
        }

        if (IsFrameOrThread(in line) || line.Text.StartsWith("Extension modules: "u8))
        {
            return LineRole.Join;
        }

        if (!IsFinal(line.Text) || RecordStarts.Of(line.Text) != RecordStart.None)
        {
            return LineRole.Single;
        }

        // The end of a very long trace is worth more than its frames.
        return Cause(ref state, line.Text.IndexOf(" validation error"u8) > 0 ? Validation : Final);
    }

    /// <summary>Returns true for <c>package.module.AppError: message</c>, or the name alone.</summary>
    private static bool IsFinal(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)':');
        ReadOnlySpan<byte> name = end < 0 ? text : text[..end];
        return !name.IsEmpty && (end < 0 || end == text.Length - 1 || text[end + 1] == (byte)' ')
            && !char.IsAsciiDigit((char)name[0]) && name.IndexOfAnyExcept(NameBytes.Values) is var other
            && (other < 0 || name[other..].StartsWith("<locals>"u8));
    }

    private static bool IsFrameOrThread(scoped in TraceLine line) =>
        (line.IsIndented && line.Body.StartsWith("File \""u8)) || line.Text.StartsWith("Current thread 0x"u8) || line.Text.StartsWith("Thread 0x"u8);

    /// <summary>Lines that may come before a trace, and belong to it.</summary>
    private static bool IsIntro(ReadOnlySpan<byte> text) =>
        (text.StartsWith("Exception in thread "u8) && text[^1] == (byte)':')
        || text.StartsWith("Exception ignored in"u8) || text.StartsWith("Task exception was never"u8) || text.StartsWith("Future exception was never"u8)
        || text.StartsWith("Fatal Python error: "u8) || text.StartsWith("multiprocessing.pool.RemoteTraceback:"u8)
        || text.StartsWith("concurrent.futures.process._RemoteTraceback:"u8);

    /// <summary>Returns true for the lines that database drivers and SQLAlchemy append to the message.</summary>
    private static bool IsDetail(ReadOnlySpan<byte> text) =>
        text.StartsWith("DETAIL:"u8) || text.StartsWith("HINT:"u8) || text.StartsWith("CONTEXT:"u8) || text.StartsWith("LINE "u8)
        || text.StartsWith("[SQL: "u8) || text.StartsWith("[parameters: "u8) || text.StartsWith("(Background on this error at: "u8);
}
