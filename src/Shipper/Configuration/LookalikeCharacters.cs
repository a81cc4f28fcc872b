using System.Buffers;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>
/// Finds characters that look like blanks and quotes, as word processors, chats and input methods insert them. YAML takes them as a part of the text, and
/// nobody sees the difference.
/// </summary>
internal static class LookalikeCharacters
{
    private static readonly SearchValues<char> Blanks = SearchValues.Create("\u00A0\u2002\u2003\u2007\u2009\u200B\u202F\u3000\uFEFF");

    private static readonly SearchValues<char> Quotes = SearchValues.Create("\u2018\u2019\u201A\u201B\u201C\u201D\u201E\u201F\uFF02\uFF07");

    /// <summary>Checks a key or a value, unless it is in quotes: then the characters are meant.</summary>
    public static void Check(Scalar scalar, List<ConfigProblem> problems)
    {
        if (scalar.Style != ScalarStyle.Plain)
        {
            return;
        }

        string text = scalar.Value;
        var at = new Position((int)scalar.Start.Line, (int)scalar.Start.Column);
        int blank = text.AsSpan().IndexOfAny(Blanks);
        if (blank >= 0)
        {
            // Of a text over several lines only its beginning is known.
            Position place = scalar.Start.Line == scalar.End.Line ? at with { Column = at.Column + blank } : at;
            problems.Add(new ConfigProblem(place, string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)text[blank]:X4} looks like a blank but is not one; type a blank, or put the text into quotes")));
        }

        if (text.Length > 0 && Quotes.Contains(text[0]))
        {
            problems.Add(new ConfigProblem(at, $"YAML takes {text[0]} as a part of the text, not as a quote; type \" or '"));
        }
    }
}
