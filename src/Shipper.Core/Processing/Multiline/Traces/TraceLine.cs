namespace Shipper.Processing.Multiline.Traces;

/// <summary>A line as automata see it: without ANSI sequences, and without whitespace at its end.</summary>
internal readonly ref struct TraceLine
{
    private static ReadOnlySpan<byte> Whitespace => " \t"u8;

    /// <param name="text">The line without ANSI sequences.</param>
    /// <param name="header">Where the line names an exception, if the caller has looked for it.</param>
    public TraceLine(ReadOnlySpan<byte> text, ExceptionPlace header = ExceptionPlace.None)
    {
        Text = text.TrimEnd(" \t\r"u8);
        Body = Text.TrimStart(Whitespace);
        Header = header;
    }

    /// <summary>The line.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The line without its indentation.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Where the line names an exception. Only known to <see cref="TraceAutomaton.Begin"/>.</summary>
    public ExceptionPlace Header { get; }

    /// <summary>True if the line is empty or has only spaces.</summary>
    public bool IsBlank => Body.IsEmpty;

    /// <summary>Number of spaces and tabs at the start.</summary>
    public int Indentation => Text.Length - Body.Length;

    /// <summary>True if the line has text behind spaces or tabs.</summary>
    public bool IsIndented => Indentation > 0;

    /// <summary>True for a frame of Java, .NET or Node: <c>    at …</c>.</summary>
    public bool IsAtFrame => IsIndented && Body.StartsWith("at "u8);

    /// <summary>True if the text begins a number, as in <c>#12 main()</c>.</summary>
    public static bool StartsWithDigit(ReadOnlySpan<byte> text) => !text.IsEmpty && char.IsAsciiDigit((char)text[0]);
}
