using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Shipper.LogQl;

/// <summary>The small languages in LogQL's strings.</summary>
internal static class LogQlText
{
    private static readonly Regex PatternCapture = new("<([A-Za-z_][A-Za-z0-9_]*)>", RegexOptions.CultureInvariant);
    private static readonly Regex JsonPath = new(@"^(?:[A-Za-z_][A-Za-z0-9_]*|\[""[^""]+""\])(?:\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]+\]|\[""[^""]+""\])*$", RegexOptions.CultureInvariant);
    private static readonly Regex TemplateText = new("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`", RegexOptions.CultureInvariant);
    private static readonly Regex TemplateName = new(@"(?<![.$A-Za-z0-9_])[A-Za-z_][A-Za-z0-9_]*", RegexOptions.CultureInvariant);

    /// <summary>A regular expression of RE2, which has no look-around and no back-references, as NonBacktracking has none.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Regex Expression(string text)
    {
        try
        {
            return new Regex(text.Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"\"{text}\" is no regular expression: {e.Message}", e);
        }
    }

    /// <summary>Whether a matcher's expression, which holds for the whole value, takes an empty one.</summary>
    public static bool MatchesEmpty(string text) => Expression($"^(?:{text})$").IsMatch("");

    /// <summary>The names of the captures of "regexp".</summary>
    public static IReadOnlyList<string> CapturesOfRegexp(string text)
    {
        Regex expression = Expression(text);
        string[] names = [.. expression.GetGroupNames().Where(name => !char.IsAsciiDigit(name[0]))];
        int written = Regex.Count(text, @"\(\?P?<[A-Za-z_]", RegexOptions.CultureInvariant);
        return names.Length == 0 ? throw new FormatException($"\"{text}\" has no named capture (?P<name>...)")
            : written != names.Length ? throw new FormatException($"\"{text}\" has two captures of one name")
            : names;
    }

    /// <summary>The names of the captures of "pattern".</summary>
    public static IReadOnlyList<string> CapturesOfPattern(string text)
    {
        CheckConsecutive(text);
        string[] names = [.. PatternCapture.Matches(text).Select(match => match.Groups[1].Value).Where(name => name != "_")];
        return names.Length == 0 ? throw new FormatException($"\"{text}\" has no capture <name>")
            : names.Distinct().Count() != names.Length ? throw new FormatException($"\"{text}\" has two captures of one name")
            : names;
    }

    /// <summary>A pattern of the filters |> and !>, where a capture only stands for anything.</summary>
    public static void CheckPatternFilter(string text)
    {
        CheckConsecutive(text);
        if (PatternCapture.Matches(text).FirstOrDefault(match => match.Groups[1].Value != "_") is { } named)
        {
            throw new FormatException($"\"{text}\" has the named capture {named.Value}, where only <_> may stand");
        }
    }

    /// <summary>A path such as a.b[0] or ["a b"] in JSON.</summary>
    public static void CheckJsonPath(string text)
    {
        if (!JsonPath.IsMatch(text))
        {
            throw new FormatException($"\"{text}\" is no path in JSON such as a.b[0]");
        }
    }

    /// <summary>A template of "line_format" or "label_format".</summary>
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
                throw new FormatException($"\"{text}\" calls {unknown.Value}, which is no function");
            }
        }
    }

    /// <summary>An address, a network or a span of addresses, as in ip("10.0.0.0/8").</summary>
    public static void CheckAddress(string text)
    {
        string[] parts = text.Split('-');
        if (!(parts.Length == 2 ? parts.All(part => IPAddress.TryParse(part, out _)) : IsAddress(text)))
        {
            throw new FormatException($"\"{text}\" is no address, network or span of addresses");
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
            throw new FormatException($"\"{text}\" has two captures with nothing between");
        }
    }
}
