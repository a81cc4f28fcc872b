using Shipper.Processing.Ansi;

namespace Shipper.Processing.Multiline.Traces;

/// <summary>
/// Decides quickly that an ordinary line begins no trace: by its first and last bytes, and one search for the words in which the names of exceptions end.
/// </summary>
internal static class TraceTriggers
{
    /// <summary>Maximum length of what a logger writes before its message.</summary>
    private const int MaxPrefix = 64;

    // ESC[0m, and longer ones.
    private const int MaxSequence = 16;

    /// <summary>Returns true if the line may begin a trace, and has to be looked at by the automata.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> text = line;
        if (!text.IsEmpty && text[0] == AnsiText.Escape)
        {
            text = text[AnsiText.Skip(text)..];
        }

        if (!text.IsEmpty && text[^1] is <= (byte)' ' or (byte)'m' or (byte)'K')
        {
            text = TrimEnd(text);
        }

        if (text.Length < 2)
        {
            // A bracket alone on its line.
            return text.Length == 1 && text[0] is (byte)'{' or (byte)'[';
        }

        byte last = text[^1];
        if (text[0] == (byte)'{')
        {
            // Nothing but a JSON object that goes on.
            return last != (byte)'}';
        }

        if (HasBeginning(text, last) || HasEnd(text, last))
        {
            return true;
        }

        // Of a line with sequences, the automata see the text without them.
        return ExceptionWords.IndexOf(text, 0, out _) >= 0 && (text.Contains(AnsiText.Escape) || ExceptionHeader.Find(text) != ExceptionPlace.None);
    }

    /// <summary>Returns true if the line begins a trace, whatever the lines before it are.</summary>
    public static bool IsUnmistakable(ReadOnlySpan<byte> text) =>
        text.StartsWith("Traceback (most recent call last):"u8) || text.StartsWith("panic: "u8) || text.StartsWith("goroutine "u8)
        || (text.StartsWith("thread '"u8) && text.IndexOf("' panicked at "u8) > 0)
        || text.StartsWith("Exception in thread "u8) || text.StartsWith("Unhandled exception"u8) || text.StartsWith("PHP Fatal error:  Uncaught "u8);

    /// <summary>Removes white space from the end of a line, and the sequences that end a color.</summary>
    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            text = text.TrimEnd(" \t\r"u8);
            int start = Math.Max(0, text.Length - MaxSequence);
            int escape = text[start..].LastIndexOf(AnsiText.Escape);
            if (escape < 0 || AnsiText.MeasureSequence(text[(start + escape)..]) != text.Length - start - escape)
            {
                return text;
            }

            text = text[..(start + escape)];
        }
    }

    private static bool HasBeginning(ReadOnlySpan<byte> text, byte last)
    {
        switch (text[0])
        {
            case (byte)' ' or (byte)'\t':
                ReadOnlySpan<byte> body = text[1..].TrimStart(" \t"u8);
                return body.StartsWith("at "u8) || body.StartsWith("from "u8) || body.StartsWith("File \""u8)
                    || body.StartsWith("Caused by: "u8) || body.StartsWith("--- End of "u8);
            case (byte)'/':
                return true;
            case >= (byte)'0' and <= (byte)'9':
                // The package log of Go: 2026/01/02 15:04:05 http: panic serving …
                return text.Length > 4 && text[4] == (byte)'/' && HasPanic(text);
            case (byte)'E':
                return HasPanic(text);
            case (byte)'[':
                return last is (byte)'{' or (byte)',' || (last == (byte)'"' && PhpTrace.IsFpm(text)) || text.StartsWith("[stacktrace]"u8);
            case (byte)'"':
                return JavaTrace.IsThread(text);
            case (byte)'#':
                return TraceLine.StartsWithDigit(text[1..]) || text.StartsWith("#<Thread:"u8);
            case (byte)'-':
                return text.StartsWith("--- "u8);
            case (byte)'c':
                return text.StartsWith("concurrent.f"u8);
            case (byte)'f':
                return text.StartsWith("fatal"u8) || text.StartsWith("file:///"u8);
            case (byte)'g':
                return text.StartsWith("goroutine "u8);
            case (byte)'j':
                return ExceptionHeader.IsThrowable(text);
            case (byte)'m':
                return text.StartsWith("multiprocessing."u8);
            case (byte)'n':
                return text.StartsWith("node:"u8);
            case (byte)'p':
                return text.StartsWith("panic: "u8);
            case (byte)'r':
                return text.StartsWith("runtime"u8);
            case (byte)'s':
                return text.StartsWith("stack backtrace:"u8);
            case (byte)'t':
                return text.StartsWith("thread '"u8);
            case (byte)'u':
                return text.StartsWith("unexpected fault"u8);
            case (byte)'C':
                return text.StartsWith("Caused by:"u8) || JavaTrace.IsCoroutine(text);
            case (byte)'F':
                return text.StartsWith("Fatal "u8) || text.StartsWith("Future "u8) || IsMonthAndDay(text);
            case (byte)'P':
                return text.StartsWith("PHP "u8) || text.StartsWith("Process term"u8);
            case (byte)'S':
                return text.StartsWith("SIG"u8) || text.StartsWith("Stack "u8) || IsMonthAndDay(text);
            case (byte)'T':
                return text.StartsWith("Task exception"u8);
            case (byte)'U':
                return text.StartsWith("Unhandled "u8);
            case (byte)'J' or (byte)'M' or (byte)'A' or (byte)'O' or (byte)'N' or (byte)'D':
                return IsMonthAndDay(text);
            default:
                return false;
        }
    }

    /// <summary>The date of java.util.logging, as in <c>Jan 02, 2026</c>.</summary>
    private static bool IsMonthAndDay(ReadOnlySpan<byte> text) =>
        text.Length > 8 && text[3] == (byte)' ' && (text[5] == (byte)',' || text[6] == (byte)',');

    /// <summary>Returns true if a logger writes about a panic. The word stands behind a time and the place in the source.</summary>
    private static bool HasPanic(ReadOnlySpan<byte> text) => GoTrace.IsPanicAt(text, text[..Math.Min(text.Length, MaxPrefix)].IndexOf("panic"u8));

    private static bool HasEnd(ReadOnlySpan<byte> text, byte last)
    {
        switch (last)
        {
            case (byte)']':
                // The console logger of .NET.
                return char.IsAsciiDigit((char)text[^2]);
            case (byte)':':
                // Rails, and the header of Python.
                return text[^2] == (byte)')';
            case (byte)'{':
                // Node, an error without frames.
                return text.EndsWith("] {"u8);
            case (byte)'\'':
                // Ruby, a frame.
                return text.IndexOf(":in "u8) > 0;
            case (byte)')':
                // Ruby, a header; Laravel.
                return text.EndsWith("Error)"u8) || text.EndsWith("Exception)"u8) || text.IndexOf(":in "u8) > 0 || text.IndexOf("[object] ("u8) > 0;
        }

        // A function of Go, without its arguments. Ruby, a header with a message of several lines.
        int space = text.IndexOf((byte)' ');
        return space < 0 ? text.Length <= GoTrace.MaxFunctionLength : text[..space].EndsWith(":in"u8);
    }
}
