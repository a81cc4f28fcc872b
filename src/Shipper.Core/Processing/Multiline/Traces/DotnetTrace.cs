namespace Shipper.Processing.Multiline.Traces;

/// <summary>.NET, and the records of its console logger, which have more than one line.</summary>
/// <remarks>
/// <code>
/// header:  [text] [Unhandled exception. ]System.InvalidOperationException: message
/// inner:    ---> System.ArgumentException: message |  ---> (Inner Exception #1) System.Exception: message&lt;---
/// frames:     at App.Run() in /src/App.cs:line 12
/// ends:       --- End of inner exception stack trace --- | --- End of stack trace from previous location ---
/// logger:  [time] fail: Category[0], and lines with six spaces
/// </code>
/// Sources: System.Exception.ToString, System.AggregateException.ToString; Microsoft.Extensions.Logging.Console, SimpleConsoleFormatter.
/// </remarks>
internal sealed class DotnetTrace : TraceAutomaton
{
    private const byte Message = 1;
    private const byte MessageOfLine = 2;
    private const byte Frames = 3;
    private const byte Logger = 4;
    private const byte Terminated = 5;

    /// <summary>Indentation of the message in the console logger.</summary>
    private const int LoggerIndentation = 6;

    /// <summary>Maximum length of a timestamp and a level.</summary>
    private const int MaxPrefix = 48;

    public override byte Begin(scoped in TraceLine line) =>
        line.Text.StartsWith("Unhandled exception. "u8) ? Message
        : line.Text.SequenceEqual("Process terminated."u8) || line.Text.SequenceEqual("Stack overflow."u8) ? Terminated
        : line.IsAtFrame && line.Body.Contains((byte)'(') ? Frames
        : line.Body.StartsWith("--- End of "u8) ? Frames
        : IsLoggerHeader(line.Text) ? Logger
        : MessageLines.Begin(in line, Message, MessageOfLine);

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        ReadOnlySpan<byte> body = line.Body;
        if (state == Logger)
        {
            return line.Indentation < LoggerIndentation ? LineRole.Single : body.StartsWith("---> "u8) ? LineRole.JoinCause : LineRole.Join;
        }

        if (line.IsBlank)
        {
            return LineRole.Undecided;
        }

        if (state == Terminated)
        {
            return line.IsAtFrame || body.StartsWith("Repeat"u8) || body.StartsWith("--------"u8) ? LineRole.Join
                : RecordStarts.IsUnmistakable(line.Text) ? LineRole.Single
                : LineRole.Undecided;
        }

        if (line.IsAtFrame || body.StartsWith("--- End of "u8) || body.StartsWith("<---"u8))
        {
            return Join(ref state, Frames);
        }

        if (body.StartsWith("---> "u8))
        {
            return Cause(ref state, Message);
        }

        return state == Frames ? LineRole.Single : MessageLines.Next(in line, ref state, Message, MessageOfLine);
    }

    private static bool IsLoggerHeader(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[^1] != (byte)']')
        {
            return false;
        }

        int bracket = text[..^1].LastIndexOfAnyExceptInRange((byte)'0', (byte)'9');
        int colon = text[..Math.Min(text.Length, MaxPrefix)].IndexOf(": "u8);
        if (bracket < 0 || bracket == text.Length - 2 || text[bracket] != (byte)'[' || colon < 4 || bracket <= colon + 2)
        {
            return false;
        }

        ReadOnlySpan<byte> level = text[(colon - 4)..colon];
        return (colon == 4 || text[colon - 5] == (byte)' ')
            && !text[(colon + 2)..bracket].Contains((byte)' ')
            && (level.SequenceEqual("info"u8) || level.SequenceEqual("warn"u8) || level.SequenceEqual("fail"u8)
                || level.SequenceEqual("dbug"u8) || level.SequenceEqual("crit"u8) || level.SequenceEqual("trce"u8));
    }
}
