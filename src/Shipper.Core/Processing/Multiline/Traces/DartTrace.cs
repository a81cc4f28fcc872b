namespace Shipper.Processing.Multiline.Traces;

/// <summary>Dart.</summary>
/// <remarks>
/// <code>
/// header:  Unhandled exception:, and the message on the next lines | [text] FormatException: message
/// frames:  #0      main (file:///app/bin/server.dart:12:3) | &lt;asynchronous suspension&gt;
/// </code>
/// Source: runtime/vm/object.cc of the Dart SDK (StackTrace::ToCString).
/// </remarks>
internal sealed class DartTrace : TraceAutomaton
{
    private const byte Message = 1;
    private const byte MessageOfLine = 2;
    private const byte Frames = 3;

    public override byte Begin(scoped in TraceLine line) =>
        line.Text.SequenceEqual("Unhandled exception:"u8) ? MessageOfLine
        : line.Text.StartsWith("#0    "u8) && IsFrame(line.Text) ? Frames
        : MessageLines.Begin(in line, Message, MessageOfLine);

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        if (IsFrame(line.Text) || line.Text.SequenceEqual("<asynchronous suspension>"u8))
        {
            return Join(ref state, Frames);
        }

        return state == Frames ? LineRole.Single
            : line.IsBlank ? LineRole.Undecided
            : MessageLines.Next(in line, ref state, Message, MessageOfLine);
    }

    private static bool IsFrame(ReadOnlySpan<byte> text) =>
        text.StartsWith("#"u8) && TraceLine.StartsWithDigit(text[1..]) && text.Contains((byte)'(') && text[^1] == (byte)')';
}
