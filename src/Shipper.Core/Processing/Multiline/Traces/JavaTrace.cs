namespace Shipper.Processing.Multiline.Traces;

/// <summary>Java, Kotlin, Scala and other languages of the JVM.</summary>
/// <remarks>
/// <code>
/// header:  [text] Exception in thread "main" com.example.AppException: message
/// frames:  \tat com.example.App.run(App.java:12) | \t... 23 more | \t... 12 common frames omitted
/// causes:  Caused by: header | \tSuppressed: header | Wrapped by: header | \t[CIRCULAR REFERENCE:header] | nested exception is:
/// dumps:   "main" #1 prio=5 tid=0x00007f3c nid=12 runnable | Coroutine "coroutine#1":…, state: SUSPENDED, and indented lines
/// java.util.logging:  Jan 02, 2026 3:04:05 PM com.example.App run, and the level and message on the next line
/// </code>
/// Sources: java.lang.Throwable.printStackTrace, java.util.logging.SimpleFormatter; logback, ThrowableProxyUtil.
/// </remarks>
internal sealed class JavaTrace : TraceAutomaton
{
    private const byte Message = 1;
    private const byte MessageOfLine = 2;
    private const byte Frames = 3;
    private const byte Nested = 4;
    private const byte LoggerHeader = 5;
    private const byte LoggerMessage = 6;
    private const byte Thread = 7;

    public override byte Begin(scoped in TraceLine line) =>
        line.Text.StartsWith("Exception in thread \""u8) ? Message
        : line.Body.StartsWith("Caused by: "u8) ? Message
        : line.IsAtFrame && line.Body.Contains((byte)'(') ? Frames
        : IsLoggerHeader(line.Text) ? LoggerHeader
        : IsThread(line.Text) || IsCoroutine(line.Text) ? Thread
        : MessageLines.Begin(in line, Message, MessageOfLine);

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        ReadOnlySpan<byte> body = line.Body;
        if (state == Nested)
        {
            return Join(ref state, Message);
        }

        if (state is LoggerHeader or LoggerMessage)
        {
            return NextOfLogger(in line, ref state);
        }

        if (line.IsBlank)
        {
            return LineRole.Undecided;
        }

        if (state == Thread)
        {
            return line.IsIndented ? LineRole.Join : LineRole.Single;
        }

        if (line.IsAtFrame || (line.IsIndented && IsNote(body)))
        {
            return Join(ref state, Frames);
        }

        if (body.StartsWith("Caused by: "u8) || body.StartsWith("Wrapped by: "u8))
        {
            return Cause(ref state, Message);
        }

        if (body.StartsWith("Suppressed: "u8) && line.IsIndented)
        {
            return Join(ref state, Message);
        }

        if (body.StartsWith("nested exception is:"u8))
        {
            return Cause(ref state, Nested);
        }

        return state == Frames ? LineRole.Single : MessageLines.Next(in line, ref state, Message, MessageOfLine);
    }

    /// <summary>
    /// Returns true for the first line of a thread in a thread dump. Each thread is a record of its own: a dump may be longer than the longest record.
    /// </summary>
    public static bool IsThread(ReadOnlySpan<byte> text) =>
        text[0] == (byte)'"' && text.IndexOf("\" "u8) > 0 && text.IndexOf(" tid=0x"u8) > 0 && text.IndexOf(" nid="u8) > 0;

    /// <summary>Returns true for the first line of a coroutine in a dump of Kotlin's debugger.</summary>
    public static bool IsCoroutine(ReadOnlySpan<byte> text) => text.StartsWith("Coroutine \""u8) && text.IndexOf(", state: "u8) > 0;

    /// <summary>Lines between frames: left out frames, locks, and the boundary of coroutines.</summary>
    private static bool IsNote(ReadOnlySpan<byte> body) =>
        (body.StartsWith("... "u8) && TraceLine.StartsWithDigit(body[4..]))
        || body.StartsWith("[CIRCULAR REFERENCE"u8) || body.StartsWith("(Coroutine "u8)
        || body.StartsWith("- locked <"u8) || body.StartsWith("- waiting "u8) || body.StartsWith("- parking "u8) || body.StartsWith("- eliminated "u8);

    private static LineRole NextOfLogger(scoped in TraceLine line, ref byte state)
    {
        if (state == LoggerHeader)
        {
            return RecordStarts.Of(line.Text) == RecordStart.Level ? Join(ref state, LoggerMessage) : LineRole.Single;
        }

        // The exception of the record follows on a line of its own.
        return ExceptionHeader.Find(line.Text) == ExceptionPlace.Start ? Join(ref state, Message) : LineRole.Single;
    }

    /// <summary>Returns true for <c>Jan 02, 2026 3:04:05 PM com.example.App run</c>. Newer versions put a narrow space in front of <c>PM</c>.</summary>
    private static bool IsLoggerHeader(ReadOnlySpan<byte> text)
    {
        if (text.Length < 24 || !RecordStarts.IsMonth(text) || text[3] != (byte)' ')
        {
            return false;
        }

        int comma = text[..8].IndexOf((byte)',');
        ReadOnlySpan<byte> time = text[Math.Max(comma, 0)..Math.Min(text.Length, 40)];
        return comma > 0 && (time.IndexOf("AM "u8) > 0 || time.IndexOf("PM "u8) > 0);
    }
}
