using System.Text.RegularExpressions;

namespace Shipper.Documents.Tests;

/// <summary>A message that a document quotes. It is compared clause by clause, because values, other messages and <c>…</c> interrupt it.</summary>
internal static partial class MessageQuote
{
    /// <summary>Quotes with fewer words are too short to be compared.</summary>
    private const int MinWords = 4;

    /// <summary>Minimum number of words on each side, if a message and the one that it is inserted into meet within a clause.</summary>
    private const int MinPartWords = 2;

    /// <summary>Returns the quotes in the first column of a document's tables.</summary>
    public static IReadOnlyList<string> Find(MarkdownDocument document) =>
    [
        .. document.Rows.SelectMany(row => Code().Matches(row.Split(" | ")[0])).Select(code => code.Groups[1].Value)
            .Where(quote => Separator().Split(quote).Sum(CountWords) >= MinWords),
    ];

    /// <summary>Returns the clauses of a quote that no text has: of all that have at least four words, or else of the longest.</summary>
    public static IReadOnlyList<string> FindStale(string quote, IReadOnlyList<string> texts)
    {
        string[] clauses = [.. Separator().Split(quote).Select(clause => clause.Trim()).Where(clause => CountWords(clause) > 0)];
        string[] compared = [.. clauses.Where(clause => CountWords(clause) >= MinWords)];
        compared = compared.Length > 0 ? compared : [.. clauses.OrderByDescending(CountWords).Take(1)];
        return [.. compared.Where(clause => !IsIn(clause, texts))];
    }

    private static bool IsIn(string clause, IReadOnlyList<string> texts) =>
        texts.Any(text => text.Contains(clause, StringComparison.Ordinal))
        || IsComposed(clause.Split(' '), [.. texts.SelectMany(text => text.Split(StringLiterals.Hole))]);

    /// <summary>Returns true if a clause begins with the end of one text and ends with the beginning of another.</summary>
    private static bool IsComposed(string[] words, IReadOnlyList<string> parts) =>
        Enumerable.Range(MinPartWords, Math.Max(0, words.Length - (2 * MinPartWords) + 1)).Any(count =>
            parts.Any(part => part.TrimEnd().EndsWith(string.Join(' ', words[..count]), StringComparison.Ordinal))
            && parts.Any(part => part.TrimStart().StartsWith(string.Join(' ', words[count..]), StringComparison.Ordinal)));

    private static int CountWords(string text) => Word().Count(text);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    /// <summary>Matches what the texts of the program don't have or what ends a clause: an ellipsis, a number, a path, a quoted value, punctuation.</summary>
    [GeneratedRegex("""\{…\}|…|[0-9]+|\S*/\S*|"[^"]*"|(?<!\w)'[^']*'(?!\w)|[.:;,](?=\s|$)|[()]""")]
    private static partial Regex Separator();

    [GeneratedRegex(@"(?<!\S)\S*\p{L}\S*")]
    private static partial Regex Word();
}
