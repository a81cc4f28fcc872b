using System.Text.RegularExpressions;
using Shipper.Net;

namespace Shipper.Loki;

/// <summary>Shortens the body of a response for display.</summary>
internal static partial class AnswerMessage
{
    /// <summary>Upper bound of the characters that are shown of Loki's own message.</summary>
    private const int MaxChars = 1024;

    /// <summary>Upper bound of the characters that are shown of a gateway's page: few, so that the remedy after them stays visible.</summary>
    private const int MaxPageChars = 100;

    /// <summary>Characters of a page that are read: the title is at its beginning.</summary>
    private const int MaxReadChars = 4096;

    /// <summary>Creates the message of a response. For a gateway's HTML page, this is only the title, or the text if the page has no title.</summary>
    public static string Create(string status, ReadOnlySpan<char> body)
    {
        if (body.Length == 0)
        {
            return "with an empty body";
        }

        return body[0] == '<' ? FromPage(status, body[..Math.Min(body.Length, MaxReadChars)].ToString())
            : body.Length > MaxChars ? string.Concat(body[..MaxChars], "…") : body.TrimEnd('.').ToString();
    }

    private static string FromPage(string status, string page)
    {
        string text = Title().Match(page) is { Success: true } title ? title.Groups[1].Value : Hidden().Replace(page, " ");
        text = Space().Replace(Tag().Replace(text, " "), " ").Trim();
        text = text.StartsWith(status + " ", StringComparison.Ordinal) ? text[(status.Length + 1)..] : text;
        text = Failure.Shorten(text, MaxPageChars);
        return text.Length == 0 ? "with an HTML page" : $"{text} (an HTML page, not from Loki)";
    }

    [GeneratedRegex("<title>([^<]*[^<\\s][^<]*)</title>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Title();

    [GeneratedRegex("<(?:style|script)[^>]*>[^<]*</(?:style|script)>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Hidden();

    [GeneratedRegex("<[^>]*>?")]
    private static partial Regex Tag();

    [GeneratedRegex("\\s+")]
    private static partial Regex Space();
}
