namespace Shipper.Processing.Multiline.Traces;

/// <summary>PHP, and the log of Laravel.</summary>
/// <remarks>
/// <code>
/// header:   [text] PHP Fatal error:  Uncaught RuntimeException: message in /app/a.php:12
/// Laravel:  [time] production.ERROR: message {"exception":"[object] (RuntimeException(code: 0): message at /app/a.php:12)
/// frames:   Stack trace: | [stacktrace] | #0 /app/a.php(7): run() | #1 {main}
/// causes:   an empty line, Next RuntimeException: message in /app/a.php:5 | [previous exception] [object] (…
/// end:        thrown in /app/a.php on line 12 | "}
/// </code>
/// Sources: Zend/zend_exceptions.c of PHP 8.4; Monolog, LineFormatter.
/// </remarks>
internal sealed class PhpTrace : TraceAutomaton
{
    private const byte Message = 1;
    private const byte MessageOfLine = 2;
    private const byte Frames = 3;

    public override byte Begin(scoped in TraceLine line)
    {
        ReadOnlySpan<byte> text = line.Text;
        return IsUncaught(text) ? Message
            : text.IndexOf("\"exception\":\"[object] ("u8) > 0 && text[^1] != (byte)'}' ? MessageOfLine
            : IsHeading(text) ? Frames
            : IsFrame(text) && text[1] == (byte)'0' && !text.StartsWith("#0  "u8) ? Frames
            : MessageLines.Begin(in line, Message, MessageOfLine);
    }

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        if (line.IsBlank)
        {
            return LineRole.Undecided;
        }

        ReadOnlySpan<byte> text = line.Text;
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

    private static bool IsUncaught(ReadOnlySpan<byte> text)
    {
        int index = text.IndexOf("Fatal error: "u8);
        return index >= 0 && text[(index + 13)..].TrimStart((byte)' ').StartsWith("Uncaught "u8);
    }

    private static bool IsHeading(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("Stack trace:"u8) || text.SequenceEqual("[stacktrace]"u8) || text.SequenceEqual("PHP Stack trace:"u8);

    private static bool IsFrame(ReadOnlySpan<byte> text) =>
        text.StartsWith("#"u8) && TraceLine.StartsWithDigit(text[1..]) && text.IndexOf((byte)' ') is > 1 and < 6;

    private static bool IsFrameOfXdebug(ReadOnlySpan<byte> text) =>
        text.StartsWith("PHP   "u8) && TraceLine.StartsWithDigit(text[6..].TrimStart((byte)' '));
}
