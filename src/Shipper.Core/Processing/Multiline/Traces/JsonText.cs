namespace Shipper.Processing.Multiline.Traces;

/// <summary>A JSON object or array that is printed over several lines, and an object that Node prints with <c>console.log</c>.</summary>
/// <remarks>
/// It begins with a line that is <c>{</c>, <c>[</c> or <c>[{</c>, or begins with <c>{"</c> and ends with an open bracket or a comma. The lines behind it are
/// indented, or begin with a closing bracket or a quote. The line on which the last bracket is closed ends it. The state is the number of open brackets.
/// </remarks>
internal sealed class JsonText : TraceAutomaton
{
    private const int MaxDepth = 250;
    private const byte Complete = 255;

    public override byte Begin(scoped in TraceLine line)
    {
        ReadOnlySpan<byte> text = line.Text;
        if (text.IsEmpty || text[0] is not ((byte)'{' or (byte)'[') || text[^1] is not ((byte)'{' or (byte)'[' or (byte)','))
        {
            return 0;
        }

        if (!text.SequenceEqual("{"u8) && !text.SequenceEqual("["u8) && !text.SequenceEqual("[{"u8) && !text[1..].TrimStart((byte)' ').StartsWith("\""u8))
        {
            return 0;
        }

        int depth = DepthAfter(text, 0);
        return depth is > 0 and <= MaxDepth ? (byte)depth : (byte)0;
    }

    public override LineRole Next(scoped in TraceLine line, ref byte state)
    {
        if (state == Complete)
        {
            return LineRole.Single;
        }

        if (line.IsBlank)
        {
            return LineRole.Undecided;
        }

        if (!line.IsIndented && line.Text[0] is not ((byte)'}' or (byte)']' or (byte)'"'))
        {
            return LineRole.Single;
        }

        int depth = DepthAfter(line.Body, state);
        return depth is < 0 or > MaxDepth ? LineRole.Single : Join(ref state, depth == 0 ? Complete : (byte)depth);
    }

    /// <summary>Returns the number of open brackets after a text; -1 if a text in quotes does not end, or if more is closed than was open.</summary>
    private static int DepthAfter(ReadOnlySpan<byte> text, int depth)
    {
        bool areSingleQuotesTexts = true;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']':
                    if (--depth < 0)
                    {
                        return -1;
                    }

                    break;
                case (byte)'"':
                    int end = EndOfText(text, i);
                    if (end < 0)
                    {
                        return -1;
                    }

                    i = end;
                    break;
                case (byte)'\'' when areSingleQuotesTexts:
                    // Only Node quotes so. An apostrophe has no counterpart.
                    end = EndOfText(text, i);
                    areSingleQuotesTexts = end >= 0;
                    i = Math.Max(end, i);
                    break;
            }
        }

        return depth;
    }

    /// <summary>Returns the index of the quote that ends a text in quotes; -1 if there is none.</summary>
    private static int EndOfText(ReadOnlySpan<byte> text, int start)
    {
        byte quote = text[start];
        for (int i = start + 1; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\')
            {
                i++;
            }
            else if (text[i] == quote)
            {
                return i;
            }
        }

        return -1;
    }
}
