using System.Buffers;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Shipper.Configuration;

/// <summary>
/// Finds characters that look like spaces or quotes but are not. Word processors, chat programs and input methods insert them. YAML treats them as part of the
/// text, and the difference is invisible.
/// </summary>
internal static class LookalikeCharacters
{
    private static readonly SearchValues<char> Spaces = SearchValues.Create("\u00A0\u2002\u2003\u2007\u2009\u200B\u202F\u3000\uFEFF");

    private static readonly SearchValues<char> Quotes = SearchValues.Create("\u2018\u2019\u201A\u201B\u201C\u201D\u201E\u201F\uFF02\uFF07");

    /// <summary>Checks a key or a value, unless it is in quotes: then the characters are intended.</summary>
    public static void Check(Scalar scalar, List<ConfigProblem> problems)
    {
        if (scalar.Style != ScalarStyle.Plain)
        {
            return;
        }

        string text = scalar.Value;
        var at = new SourceLocation((int)scalar.Start.Line, (int)scalar.Start.Column);
        int space = text.AsSpan().IndexOfAny(Spaces);
        if (space >= 0)
        {
            // If the text spans several lines, only its start is known.
            SourceLocation location = scalar.Start.Line == scalar.End.Line ? at with { Column = at.Column + space } : at;
            problems.Add(new ConfigProblem(location, string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)text[space]:X4} looks like a space but is not one; type a space, or put the text in quotes")));
        }

        if (text.Length > 0 && Quotes.Contains(text[0]))
        {
            problems.Add(new ConfigProblem(at, $"YAML treats {text[0]} as part of the text, not as a quote; type \" or '"));
        }
    }
}
