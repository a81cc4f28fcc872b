namespace Shipper.Processing.Multiline.Traces;

/// <summary>PHP, and the log of Laravel.</summary>
/// <remarks>
/// <code>
/// header:   [text] PHP Fatal error:  Uncaught RuntimeException: message in /app/a.php:12
/// Laravel:  [time] production.ERROR: message {"exception":"[object] (RuntimeException(code: 0): message at /app/a.php:12)
/// frames:   Stack trace: | [stacktrace] | #0 /app/a.php(7): run() | #1 {main}
/// causes:   an empty line, Next RuntimeException: message in /app/a.php:5 | [previous exception] [object] (…
/// end:        thrown in /app/a.php on line 12 | "}
/// FPM:      [02-Jan-2026 15:04:05] WARNING: [pool www] child 12 said into stderr: "one of the lines above"
/// </code>
/// Sources: Zend/zend_exceptions.c of PHP 8.4; sapi/fpm/fpm/fpm_stdio.c; Monolog, LineFormatter.
/// </remarks>
internal sealed class PhpTrace : TraceAutomaton
{
    private const byte Message = 1;
    private const byte MessageOfLine = 2;
    private const byte Frames = 3;

    // FPM writes the lines of all its processes. The other bits are a hash of the process, so that lines of two of them are not joined.
    private const byte Fpm = 0x80;

    public override byte Begin(scoped in TraceLine line)
    {
        ReadOnlySpan<byte> text = line.Text;
        if (TryReadFpm(text, out ReadOnlySpan<byte> said, out byte process))
        {
            return IsUncaught(said) ? process : (byte)0;
        }

        return IsUncaught(text) ? Message
            : text.IndexOf("\"exception\":\"[object] ("u8) > 0 && text[^1] != (byte)'}' ? MessageOfLine
            : IsHeading(text) ? Frames
            : text.StartsWith("#0 "u8) && IsPlaceOfFrame(text[3..]) ? Frames
            : MessageLines.Begin(in line, Message, MessageOfLine);
    }

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        if (line.IsBlank)
        {
            return LineRole.Undecided;
        }

        ReadOnlySpan<byte> text = line.Text;
        if ((state & Fpm) != 0)
        {
            return TryReadFpm(text, out ReadOnlySpan<byte> said, out byte process) && process == state && IsOfFpmTrace(said) ? LineRole.Join : LineRole.Single;
        }

        if (IsFrame(text) || IsHeading(text) || (line.IsIndented && line.Body.StartsWith("thrown in "u8)))
        {
            return Join(ref state, Frames);
        }

        if (text.StartsWith("[previous exception] "u8) || (state == Frames && text.StartsWith("Next "u8)))
        {
            return Cause(ref state, Message);
        }

        return state != Frames ? MessageLines.Next(in line, ref state, Message, MessageOfLine)
            : text.SequenceEqual("\"}"u8) || IsFrameOfXdebug(text) ? LineRole.Join
            : LineRole.Single;
    }

    /// <summary>Returns true for a line that FPM may have written for one of its processes.</summary>
    public static bool IsFpm(ReadOnlySpan<byte> text) => text.IndexOf(FpmMiddle) > 0;

    private static ReadOnlySpan<byte> FpmMiddle => " said into stderr: \""u8;

    /// <summary>Reads what a process of FPM printed.</summary>
    /// <param name="said">Receives the text.</param>
    /// <param name="process">Receives the state for a trace of the process.</param>
    private static bool TryReadFpm(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> said, out byte process)
    {
        said = default;
        process = 0;
        int middle = text[0] == (byte)'[' ? text.IndexOf(FpmMiddle) : -1;
        int pool = middle < 0 ? -1 : text[..middle].IndexOf("[pool "u8);
        int start = middle + FpmMiddle.Length;
        if (pool < 0 || start >= text.Length || text[^1] != (byte)'"')
        {
            return false;
        }

        int hash = 0;
        foreach (byte value in text[pool..middle])
        {
            hash = (31 * hash) + value;
        }

        process = (byte)(Fpm | (hash & ~Fpm));
        said = text[start..^1];
        return true;
    }

    private static bool IsOfFpmTrace(ReadOnlySpan<byte> said) =>
        said.IsEmpty || IsHeading(said) || IsFrame(said) || said.StartsWith("Next "u8) || said.StartsWith("  thrown in "u8);

    private static bool IsUncaught(ReadOnlySpan<byte> text)
    {
        int index = text.IndexOf("Fatal error: "u8);
        return index >= 0 && text[(index + 13)..].TrimStart((byte)' ').StartsWith("Uncaught "u8);
    }

    private static bool IsHeading(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("Stack trace:"u8) || text.SequenceEqual("[stacktrace]"u8) || text.SequenceEqual("PHP Stack trace:"u8);

    private static bool IsFrame(ReadOnlySpan<byte> text) =>
        text.StartsWith("#"u8) && TraceLine.StartsWithDigit(text[1..]) && text.IndexOf((byte)' ') is > 1 and < 6;

    /// <summary>Returns true for what follows the number of a frame. Other texts are numbered, too: lists, and the frames of debuggers.</summary>
    private static bool IsPlaceOfFrame(ReadOnlySpan<byte> text) =>
        text.StartsWith("{main}"u8) || text.StartsWith("[internal function]"u8) || text.IndexOf("): "u8) > 0;

    private static bool IsFrameOfXdebug(ReadOnlySpan<byte> text) =>
        text.StartsWith("PHP   "u8) && TraceLine.StartsWithDigit(text[6..].TrimStart((byte)' '));
}
