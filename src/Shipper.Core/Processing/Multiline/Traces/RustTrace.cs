namespace Shipper.Processing.Multiline.Traces;

/// <summary>Rust, and the reports of anyhow and eyre.</summary>
/// <remarks>
/// <code>
/// header:  thread 'main' (1234) panicked at src/main.rs:12:5:, and the message on the next line
/// frames:  stack backtrace: |    0: app::main |              at ./src/main.rs:12:5
/// note:    note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
/// report:  Error: message, an empty line, Caused by:, indented causes, an empty line, Stack backtrace: | Location:
/// </code>
/// Sources: library/std/src/panicking.rs of Rust 1.91; anyhow, src/fmt.rs.
/// </remarks>
internal sealed class RustTrace : TraceAutomaton
{
    private const byte Header = 1;
    private const byte Message = 2;
    private const byte Frames = 3;
    private const byte Report = 4;
    private const byte Causes = 5;
    private const byte Noted = 6;

    public override byte Begin(scoped in TraceLine line)
    {
        ReadOnlySpan<byte> text = line.Text;
        return IsPanic(text) ? (text[^1] == (byte)':' ? Header : Message)
            : IsBacktrace(text) ? Frames
            : text.StartsWith("Error: "u8) || text.SequenceEqual("Error:"u8) ? Report
            : text.SequenceEqual("Caused by:"u8) ? Causes
            : (byte)0;
    }

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        ReadOnlySpan<byte> text = line.Text;
        if (state == Header)
        {
            return Join(ref state, Message);
        }

        if (line.IsBlank)
        {
            return state == Noted ? LineRole.Single : LineRole.Undecided;
        }

        if (IsBacktrace(text))
        {
            return Join(ref state, Frames);
        }

        if (state == Noted || IsPanic(text))
        {
            return LineRole.Single;
        }

        if (text.StartsWith("note: "u8) && state is Message or Frames)
        {
            return Join(ref state, Noted);
        }

        if (state is Report or Causes && (text.SequenceEqual("Caused by:"u8) || text.SequenceEqual("Location:"u8)))
        {
            return text[0] == (byte)'C' ? Cause(ref state, Causes) : Join(ref state, Causes);
        }

        // The message of an assertion has indented lines: "  left: 1". A report of eyre numbers its errors: "   0: message".
        if (line.IsIndented && (state is not Report || TraceLine.StartsWithDigit(line.Body)))
        {
            return LineRole.Join;
        }

        return state switch
        {
            Message when text.StartsWith("fatal runtime error: "u8) => LineRole.Join,
            Message => RecordStarts.IsUnmistakable(text) ? LineRole.Single : LineRole.Undecided,
            Report => MessageLines.Next(in line, ref state, Report, 0),
            _ => LineRole.Single,
        };
    }

    private static bool IsPanic(ReadOnlySpan<byte> text) =>
        text.StartsWith("thread '"u8) && (text.IndexOf(" panicked at "u8) > 0 || text.IndexOf(" has overflowed its stack"u8) > 0);

    private static bool IsBacktrace(ReadOnlySpan<byte> text) => text.SequenceEqual("stack backtrace:"u8) || text.SequenceEqual("Stack backtrace:"u8);
}
