namespace Shipper.Processing.Multiline.Traces;

/// <summary>JavaScript in Node.</summary>
/// <remarks>
/// <code>
/// preface:  /app/index.js:12, the line of source, carets below it, an empty line
/// header:   [text] TypeError: message | Error [ERR_X]: message
/// frames:       at fn (/app/index.js:12:3) |     at async /app/index.js:12:3
/// tail:      {, indented properties such as [cause]: Error: message with its frames, }
/// trailer:  an empty line, Node.js v22.1.0
/// </code>
/// Sources: lib/internal/util/inspect.js (formatError), lib/internal/process/execution.js, src/node_errors.cc of Node 20.
/// </remarks>
internal sealed class NodeTrace : TraceAutomaton
{
    private const byte Message = 1;
    private const byte MessageOfLine = 2;
    private const byte Frames = 3;
    private const byte Properties = 4;
    private const byte Closed = 5;
    private const byte Place = 6;
    private const byte Source = 7;
    private const byte Carets = 8;
    private const byte Trailer = 9;

    public override byte Begin(scoped in TraceLine line) =>
        line.Text.EndsWith("] {"u8) && line.Text.IndexOf("Error: "u8) > 0 ? Properties
        : line.IsAtFrame && (line.Body.Contains((byte)'(') || IsPlace(line.Body[3..])) ? FramesOrProperties(line.Text)
        : IsPlace(line.Text) ? Place
        : MessageLines.Begin(in line, Message, MessageOfLine);

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        switch (state)
        {
            case Properties:
                return NextOfProperties(in line, ref state);
            case Place:
                state = Source;
                return RecordStarts.IsUnmistakable(line.Text) ? LineRole.Single : LineRole.Undecided;
            case Source:
                return !line.IsBlank && !line.Body.ContainsAnyExcept((byte)'^') ? Join(ref state, Carets) : LineRole.Single;
        }

        if (line.IsBlank)
        {
            return LineRole.Undecided;
        }

        if (line.IsAtFrame || (line.IsIndented && line.Body.StartsWith("... "u8)))
        {
            return Join(ref state, FramesOrProperties(line.Text));
        }

        if (line.Text.StartsWith("Node.js v"u8))
        {
            return Join(ref state, Trailer);
        }

        if (line.Text.StartsWith("(Use `node --"u8) || line.Text.StartsWith("Thrown at:"u8) || line.Text.StartsWith("From previous event:"u8))
        {
            return Join(ref state, state == Carets ? Carets : Frames);
        }

        return state switch
        {
            Message or MessageOfLine => MessageLines.Next(in line, ref state, Message, MessageOfLine),
            Carets when ExceptionHeader.Find(line.Text) == ExceptionPlace.Start => Join(ref state, Message),

            // Anything can be thrown: a text, or an object without a stack.
            Carets when !RecordStarts.IsUnmistakable(line.Text) => LineRole.Undecided,
            _ => LineRole.Single,
        };
    }

    private static LineRole NextOfProperties(scoped in TraceLine line, ref byte state) =>
        line.IsBlank ? LineRole.Undecided
        : line.IsIndented ? (line.Body.StartsWith("[cause]: "u8) ? LineRole.JoinCause : LineRole.Join)
        : line.Text[0] == (byte)'}' ? Join(ref state, Closed)
        : LineRole.Single;

    private static byte FramesOrProperties(ReadOnlySpan<byte> text) => text.EndsWith(" {"u8) ? Properties : Frames;

    /// <summary>Returns true for a path with the number of a line, as in <c>node:internal/modules/cjs/loader:1228</c>.</summary>
    private static bool IsPlace(ReadOnlySpan<byte> text)
    {
        int colon = text.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return colon > 0 && colon < text.Length - 1 && text[colon] == (byte)':'
            && (text[0] == (byte)'/' || text.StartsWith("node:"u8) || text.StartsWith("file:///"u8) || text.StartsWith("async "u8))
            && !text[Math.Min(6, colon)..].Contains((byte)' ');
    }
}
