namespace Shipper.Processing.Multiline.Traces;

/// <summary>Go.</summary>
/// <remarks>
/// <code>
/// header:     panic: message [recovered] | fatal error: message | SIGABRT: abort | [text] http: panic serving 10.0.0.1:5000: message
/// details:    \tpanic: message | [signal SIGSEGV: …] | runtime: … | PC=0x0 m=0 sigcode=0
/// goroutine:  an empty line, goroutine 1 gp=0xc000002380 m=0 mp=0x5d2ac0 [running]: | runtime stack:
/// frames:     main.run(0x1, {0x2, 0x3}) | created by main.main in goroutine 1, and \t/app/main.go:12 +0x1d
/// trailer:    rax 0x0 | exit status 2
/// gin:        [Recovery] time panic recovered:, the request, an empty line, message, /app/main.go:12 (0x8a4c95), and \tmain.run: source
/// </code>
/// Sources: src/runtime/panic.go, traceback.go and signal_unix.go of Go 1.24; recovery.go of gin 1.10.
/// </remarks>
internal sealed class GoTrace : TraceAutomaton
{
    /// <summary>Maximum length of a function without arguments, as in the traces of loggers.</summary>
    public const int MaxFunctionLength = 200;

    private const byte Message = 1;
    private const byte Frames = 2;
    private const byte Function = 3;
    private const byte Recovered = 4;
    private const byte Request = 5;
    private const byte RecoveredFrames = 6;

    public override byte Begin(scoped in TraceLine line)
    {
        ReadOnlySpan<byte> text = line.Text;
        return IsGoroutine(text) || text.SequenceEqual("runtime stack:"u8) ? Frames
            : text.EndsWith(" panic recovered:"u8) ? Recovered
            : IsPanic(text) || IsPanicAt(text, text.IndexOf("panic"u8)) ? Message
            : IsLoneFunction(text) ? Function
            : (byte)0;
    }

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        ReadOnlySpan<byte> text = line.Text;
        if (state >= Recovered)
        {
            return NextOfRecovered(in line, ref state);
        }

        if (line.IsBlank)
        {
            return state == Function ? LineRole.Single : LineRole.Undecided;
        }

        if (line.IsIndented && (state != Message || text[0] == (byte)'\t'))
        {
            return Join(ref state, state == Function ? Frames : state);
        }

        if (state == Function)
        {
            return LineRole.Single;
        }

        if (IsGoroutine(text) || text.SequenceEqual("runtime stack:"u8))
        {
            return Join(ref state, Frames);
        }

        if (text.StartsWith("exit status "u8))
        {
            return LineRole.Join;
        }

        if (state == Message)
        {
            return IsDetail(text) ? LineRole.Join : IsPanic(text) || RecordStarts.IsUnmistakable(text) ? LineRole.Single : LineRole.Undecided;
        }

        if (text.StartsWith("created by "u8) || text.StartsWith("..."u8) || text.StartsWith("[originating from goroutine "u8) || IsRegister(text))
        {
            return LineRole.Join;
        }

        if (IsFunction(text))
        {
            state = Function;
            return LineRole.Undecided;
        }

        return LineRole.Single;
    }

    /// <summary>Returns true if the word <c>panic</c> in a line begins a trace, or if a logger writes about a panic, and its trace may follow.</summary>
    /// <param name="index">Index of the word; -1 if the line does not have it.</param>
    public static bool IsPanicAt(ReadOnlySpan<byte> text, int index)
    {
        if (index < 0 || (index > 0 && text[index - 1] != (byte)' '))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[(index + 5)..];
        return (rest.StartsWith(": "u8) || rest.StartsWith(" serving "u8) || rest.SequenceEqual(" recovered:"u8)) && text[..index].Count((byte)'"') % 2 == 0;
    }

    private static LineRole NextOfRecovered(scoped in TraceLine line, ref byte state)
    {
        ReadOnlySpan<byte> text = line.Text;
        if (line.IsBlank)
        {
            // Behind the request comes the message.
            state = state == Request ? Recovered : state;
            return LineRole.Undecided;
        }

        if (IsRecoveredFrame(text) || (line.IsIndented && state == RecoveredFrames))
        {
            return Join(ref state, RecoveredFrames);
        }

        if (state == RecoveredFrames || RecordStarts.Of(text) != RecordStart.None)
        {
            return LineRole.Single;
        }

        // A request may have more lines than can be undecided.
        return state == Recovered && text.IndexOf(" HTTP/"u8) > 0 ? Join(ref state, Request)
            : state == Request && text.IndexOf(": "u8) > 0 ? LineRole.Join
            : LineRole.Undecided;
    }

    /// <summary>Returns true for <c>/app/main.go:12 (0x8a4c95)</c>.</summary>
    private static bool IsRecoveredFrame(ReadOnlySpan<byte> text)
    {
        int address = text.LastIndexOf(" (0x"u8);
        int colon = address < 0 ? -1 : text[..address].LastIndexOf((byte)':');
        return colon > 0 && text[^1] == (byte)')' && colon + 1 < address && !text[(colon + 1)..address].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private static bool IsPanic(ReadOnlySpan<byte> text) =>
        text.StartsWith("panic: "u8) || text.StartsWith("fatal error: "u8) || text.StartsWith("runtime: goroutine stack exceeds"u8)
        || text.StartsWith("unexpected fault address "u8) || text.StartsWith("fatal: morestack on g"u8)
        || (text.StartsWith("SIG"u8) && text.IndexOf((byte)':') is > 5 and < 10);

    private static bool IsDetail(ReadOnlySpan<byte> text) =>
        text.StartsWith("[signal "u8) || text.StartsWith("fatal error: "u8) || text.StartsWith("runtime: "u8) || text.StartsWith("PC=0x"u8);

    private static bool IsGoroutine(ReadOnlySpan<byte> text) =>
        text.StartsWith("goroutine "u8) && text.EndsWith("]:"u8) && TraceLine.StartsWithDigit(text[10..]) && text.Contains((byte)'[');

    /// <summary>Returns true for <c>net/http.(*conn).serve(0xc000090000, {0x1, 0x2})</c>.</summary>
    private static bool IsFunction(ReadOnlySpan<byte> text)
    {
        int arguments = text.IndexOf((byte)'(');
        ReadOnlySpan<byte> name = arguments < 0 ? text : text[..arguments];
        return (name.Contains((byte)'.') || (arguments > 0 && text[^1] == (byte)')')) && !name.Contains((byte)' ')
            && (text[^1] == (byte)')' || !text.Contains((byte)' '));
    }

    /// <summary>
    /// Returns true for a function without arguments, as loggers write traces of errors: <c>main.main</c>. A line of words is none, because it has spaces.
    /// </summary>
    private static bool IsLoneFunction(ReadOnlySpan<byte> text) =>
        text.Length is > 2 and <= MaxFunctionLength && char.IsAsciiLetterLower((char)text[0])
        && (char.IsAsciiLetterOrDigit((char)text[^1]) || text[^1] == (byte)')')
        && !text.ContainsAny(" \t\"="u8) && !text.StartsWith("http"u8) && text.IndexOf((byte)'.') > 0;

    /// <summary>Returns true for a line of the dump of registers: <c>rax    0xfffffffffffffffc</c>.</summary>
    private static bool IsRegister(ReadOnlySpan<byte> text)
    {
        int value = text.IndexOf("0x"u8);
        return value is > 2 and < 10 && text[value - 1] == (byte)' '
            && !text[..value].ContainsAnyExceptInRange((byte)' ', (byte)'z') && !text[value..].Contains((byte)' ');
    }
}
