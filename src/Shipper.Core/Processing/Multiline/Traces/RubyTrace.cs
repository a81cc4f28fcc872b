namespace Shipper.Processing.Multiline.Traces;

/// <summary>Ruby and Rails.</summary>
/// <remarks>
/// <code>
/// header:  app.rb:3:in 'Object#foo': message (RuntimeError), before Ruby 3.4 with `foo'
/// logger:  [text] message (RuntimeError) | [text] RuntimeError: message
/// Rails:   [tags] ActionView::Template::Error (message):, an empty line
/// frames:  \tfrom app.rb:7:in 'block in foo' | [tags] app/models/user.rb:7:in 'save'
/// causes:  header, behind the frames | Causes: | Information for: header
/// </code>
/// Sources: error.c and eval_error.c of Ruby 3.4; lib/logger/formatter.rb; actionpack, DebugExceptions.
/// </remarks>
internal sealed class RubyTrace : TraceAutomaton
{
    private const byte Message = 1;
    private const byte MessageOfLine = 2;
    private const byte Frames = 3;
    private const byte RailsMessage = 4;

    private enum Place : byte
    {
        None,

        /// <summary>The line ends behind the method.</summary>
        Frame,

        /// <summary>A message follows.</summary>
        Header,
    }

    public override byte Begin(scoped in TraceLine line)
    {
        ReadOnlySpan<byte> text = line.Text;
        return PlaceOf(text) switch
        {
            Place.Header => Message,
            Place.Frame => Frames,
            _ => IsRailsHeader(text) ? RailsMessage
                : text.EndsWith("Error)"u8) || text.EndsWith("Exception)"u8) ? (EndsInClass(text[..^1]) ? MessageOfLine : (byte)0)
                : text.StartsWith("#<Thread:0x"u8) && text[^1] == (byte)':' ? Message
                : MessageLines.Begin(in line, Message, MessageOfLine),
        };
    }

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        if (line.IsBlank)
        {
            return LineRole.Undecided;
        }

        ReadOnlySpan<byte> text = line.Text;
        switch (PlaceOf(text))
        {
            case Place.Frame:
                return Join(ref state, Frames);
            case Place.Header:
                return state == Frames ? Cause(ref state, Message) : Join(ref state, Message);
        }

        if (state == Frames)
        {
            return text.SequenceEqual("Causes:"u8) || text.StartsWith("Information for"u8) ? Cause(ref state, RailsMessage)
                : line.IsIndented && line.Body.StartsWith("... "u8) ? LineRole.Join
                : LineRole.Single;
        }

        if (state == RailsMessage)
        {
            return RecordStarts.IsUnmistakable(text) ? LineRole.Single : LineRole.Undecided;
        }

        // The part of the source that error_highlight shows.
        return line.IsIndented && !line.Body.ContainsAnyExcept((byte)'^') ? LineRole.Join : MessageLines.Next(in line, ref state, Message, MessageOfLine);
    }

    /// <summary>Finds <c>file:12:in 'method'</c> in a line.</summary>
    private static Place PlaceOf(ReadOnlySpan<byte> text)
    {
        int index = text.IndexOf(":in "u8);
        if (index <= 0 || text.Length < index + 6 || text[index + 4] is not ((byte)'\'' or (byte)'`') || !char.IsAsciiDigit((char)text[index - 1]))
        {
            return Place.None;
        }

        ReadOnlySpan<byte> method = text[(index + 5)..];
        return method[^1] == (byte)'\'' ? Place.Frame : method.IndexOf("': "u8) > 0 ? Place.Header : Place.None;
    }

    /// <summary>Returns true for <c>[tags] ActiveRecord::RecordNotFound (message):</c>.</summary>
    private static bool IsRailsHeader(ReadOnlySpan<byte> text)
    {
        if (!text.EndsWith("):"u8))
        {
            return false;
        }

        while (text.StartsWith("["u8) && text.IndexOf("] "u8) is > 0 and int end)
        {
            text = text[(end + 2)..];
        }

        int space = text.IndexOf(" ("u8);
        return space > 0 && char.IsAsciiLetterUpper((char)text[0]) && !text[..space].ContainsAnyExcept(NameBytes.Values);
    }

    /// <summary>Returns true if the text ends in <c> (Foo::BarError</c>.</summary>
    private static bool EndsInClass(ReadOnlySpan<byte> text)
    {
        int before = text.LastIndexOfAnyExcept(NameBytes.Values);
        return before > 0 && text[before] == (byte)'(' && text[before - 1] == (byte)' ' && char.IsAsciiLetterUpper((char)text[before + 1]);
    }
}
