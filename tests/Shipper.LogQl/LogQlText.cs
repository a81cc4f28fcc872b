using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Shipper.LogQl;

/// <summary>Checks the small languages in the strings of LogQL.</summary>
internal static class LogQlText
{
    private static readonly Regex PatternCapture = new("<([A-Za-z_][A-Za-z0-9_]*)>", RegexOptions.CultureInvariant);
    private static readonly Regex JsonPath = new(@"^(?:[A-Za-z_][A-Za-z0-9_]*|\[""[^""]+""\])(?:\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]+\]|\[""[^""]+""\])*$", RegexOptions.CultureInvariant);
    private static readonly Regex TemplateText = new("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`", RegexOptions.CultureInvariant);
    private static readonly Regex TemplateName = new(@"(?<![.$A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]*", RegexOptions.CultureInvariant);

    /// <summary>Parses a regular expression. RE2 has no look-around and no back-references, and NonBacktracking does not allow them either.</summary>
    /// <exception cref="FormatException">It is not a valid regular expression.</exception>
    public static Regex ParseRegex(string text)
    {
        try
        {
            return new Regex(text.Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"\"{text}\" is not a regular expression: {e.Message}", e);
        }
    }

    /// <summary>Returns true if the expression of a matcher matches an empty value. It must match the whole value.</summary>
    public static bool MatchesEmpty(string text) => ParseRegex($"^(?:{text})$").IsMatch("");

    /// <summary>Returns the names of the captures of "regexp".</summary>
    public static IReadOnlyList<string> CapturesOfRegexp(string text)
    {
        Regex expression = ParseRegex(text);
        string[] names = [.. expression.GetGroupNames().Where(name => !char.IsAsciiDigit(name[0]))];
        int written = Regex.Count(text, @"\(\?P?<[A-Za-z_]", RegexOptions.CultureInvariant);
        return names.Length == 0 ? throw new FormatException($"\"{text}\" has no named capture (?P<name>...)")
            : written != names.Length ? throw new FormatException($"\"{text}\" has two captures of one name")
            : names;
    }

    /// <summary>Returns the names of the captures of "pattern".</summary>
    public static IReadOnlyList<string> CapturesOfPattern(string text)
    {
        CheckConsecutive(text);
        string[] names = [.. PatternCapture.Matches(text).Select(match => match.Groups[1].Value).Where(name => name != "_")];
        return names.Length == 0 ? throw new FormatException($"\"{text}\" has no capture <name>")
            : names.Distinct().Count() != names.Length ? throw new FormatException($"\"{text}\" has two captures of one name")
            : names;
    }

    /// <summary>Checks a pattern of the filters |> and !>, in which captures must not have names.</summary>
    public static void CheckPatternFilter(string text)
    {
        CheckConsecutive(text);
        if (PatternCapture.Matches(text).FirstOrDefault(match => match.Groups[1].Value != "_") is { } named)
        {
            throw new FormatException($"\"{text}\" has the named capture {named.Value}, and only <_> is allowed");
        }
    }

    /// <summary>Checks a path in JSON, such as a.b[0] or ["a b"].</summary>
    public static void CheckJsonPath(string text)
    {
        if (!JsonPath.IsMatch(text))
        {
            throw new FormatException($"\"{text}\" is not a path in JSON such as a.b[0]");
        }
    }

    /// <summary>Checks a template of "line_format" or "label_format".</summary>
    public static void CheckTemplate(string text)
    {
        int end = 0;
        for (int start; (start = text.IndexOf("{{", end, StringComparison.Ordinal)) >= 0; end += 2)
        {
            end = text.IndexOf("}}", start, StringComparison.Ordinal);
            if (end < 0)
            {
                throw new FormatException($"\"{text}\" has {{{{ without }}}}");
            }

            string action = TemplateText.Replace(text[(start + 2)..end], " ");
            if (TemplateName.Matches(action).FirstOrDefault(name => !LogQlFunctions.OfTemplates.Contains(name.Value)) is { } unknown)
            {
                throw new FormatException($"\"{text}\" calls {unknown.Value}, which is not a function");
            }
        }
    }

    /// <summary>Checks an address, a network or a range of addresses, as in ip("10.0.0.0/8").</summary>
    public static void CheckAddress(string text)
    {
        string[] parts = text.Split('-');
        if (!(parts.Length == 2 ? parts.All(part => IPAddress.TryParse(part, out _)) : IsAddress(text)))
        {
            throw new FormatException($"\"{text}\" is not an address, network or range of addresses");
        }
    }

    private static bool IsAddress(string text)
    {
        string[] parts = text.Split('/');
        return IPAddress.TryParse(parts[0], out IPAddress? address)
            && (parts.Length == 1 || (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
                && bits <= address.GetAddressBytes().Length * 8));
    }

    private static void CheckConsecutive(string text)
    {
        if (PatternCapture.Replace(text, "<>").Contains("<><>", StringComparison.Ordinal))
        {
            throw new FormatException($"\"{text}\" has two captures with nothing between them");
        }
    }
}
