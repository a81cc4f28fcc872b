using System.Text.RegularExpressions;

namespace Shipper.Testing.Loki;

/// <summary>
/// A selector of streams, <c>{a="1", b!="2", c=~"x|y", d!~"z.+"}</c>. A pipeline after the selector is not supported.
/// </summary>
public sealed class StreamSelector
{
    private readonly List<(string Name, Func<string, bool> Matches)> _matchers = [];

    private StreamSelector()
    {
    }

    /// <summary>Parses a selector.</summary>
    /// <exception cref="FormatException">The query is not a valid selector.</exception>
    public static StreamSelector Parse(string query)
    {
        var selector = new StreamSelector();
        bool bounds = false;
        int position = 1;
        string text = query.Trim();
        if (text.Length == 0 || text[0] != '{')
        {
            throw new FormatException("parse error : syntax error: unexpected IDENTIFIER");
        }

        while (true)
        {
            while (position < text.Length && text[position] is ' ' or ',')
            {
                position++;
            }

            if (position >= text.Length)
            {
                throw new FormatException("parse error : syntax error: unexpected $end");
            }

            if (text[position] == '}')
            {
                break;
            }

            int start = position;
            while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] == '_'))
            {
                position++;
            }

            string name = text[start..position];
            string operation = new([.. text.Skip(position).TakeWhile(c => c is '=' or '!' or '~' or ' ')]);
            position += operation.Length;
            if (name.Length == 0 || position >= text.Length || text[position] != '"')
            {
                throw new FormatException("parse error : syntax error: unexpected IDENTIFIER");
            }

            position++;
            string value = LabelSet.Unquote(text, ref position);
#pragma warning disable CA3012 // Loki accepts regular expressions, and this engine never backtracks.
            Func<string, bool> matches = operation.Trim() switch
            {
                "=" => found => found == value,
                "!=" => found => found != value,
                "=~" => new Regex($"^(?:{value})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch,
                "!~" => found => !Regex.IsMatch(found, $"^(?:{value})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking),
                _ => throw new FormatException("parse error : syntax error: unexpected IDENTIFIER"),
            };
#pragma warning restore CA3012
            bounds |= operation.Trim() is "=" or "=~" && !matches("");
            selector._matchers.Add((name, matches));
        }

        return position != text.Length - 1 ? throw new FormatException("BUG: the double knows bare selectors only")
            : bounds ? selector
            : throw new FormatException("parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will");
    }

    /// <summary>Returns true if a stream with these labels is selected.</summary>
    public bool IsMatch(IReadOnlyList<KeyValuePair<string, string>> labels) =>
        _matchers.TrueForAll(matcher => matcher.Matches(labels.FirstOrDefault(label => label.Key == matcher.Name).Value ?? ""));
}
