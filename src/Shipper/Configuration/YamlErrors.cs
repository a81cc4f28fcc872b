using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace Shipper.Configuration;

/// <summary>
/// Explains why a text is not valid YAML, and how to fix it. The parser only tells where it stopped, which is often behind the mistake, in
/// words for those who know YAML's grammar.
/// </summary>
internal static partial class YamlErrors
{
    private const string Prefix = "not valid YAML: ";

    /// <summary>Explains an error of the parser.</summary>
    public static ConfigProblem Explain(YamlException error, string text)
    {
        string message = error.InnerException?.Message ?? error.Message;
        string[] lines = Lines(text);
        Position at = Within(error.Start, lines);
        string line = lines[at.Line - 1];
        return FindTemplate(line, at)
            ?? FindTab(message, lines, Within(error.End, lines))
            ?? (message.Contains("',' or", StringComparison.Ordinal) ? NotClosed(error.Start, text) : null)
            ?? (message.Contains("invalid mapping", StringComparison.Ordinal) ? ExplainColon(lines, at) : null)
            ?? (IsAboutPlace(message) ? ExplainPlace(lines, at) : null)
            ?? new ConfigProblem(at, Prefix + ExplainWords(message, line[(at.Column - 1)..]));
    }

    /// <summary>A <c>{</c> or <c>[</c> is not closed, or something else stands where a comma should.</summary>
    public static ConfigProblem NotClosed(Mark mark, string text)
    {
        string[] lines = Lines(text);
        Position at = Within(mark, lines);
        string remedy = at.Line > 1 && at.Column == Indentation(lines[at.Line - 1]) + 1 ? " If not, indent this line further" : "";
        return new ConfigProblem(at, $"{Prefix}is a comma, }} or ] missing before this?{remedy}");
    }

    /// <summary>Moves a place behind the end of a line, or of the text, to that end.</summary>
    private static Position Within(Mark mark, string[] lines)
    {
        int number = Math.Clamp((int)mark.Line, 1, lines.Length);
        int end = lines[number - 1].Length + 1;
        return new Position(number, mark.Line > lines.Length ? end : Math.Clamp((int)mark.Column, 1, end));
    }

    /// <summary>Splits the text into lines as the scanner does: a form feed ends a line in .NET, but not in YAML.</summary>
    private static string[] Lines(string text)
    {
        var lines = new List<string>();
        foreach (ReadOnlySpan<char> line in text.Replace('\f', ' ').AsSpan().EnumerateLines())
        {
            lines.Add(line.ToString());
        }

        return [.. lines];
    }

    private static ConfigProblem? FindTemplate(string line, Position at) => line.Contains("{{", StringComparison.Ordinal) || line.Contains("{%", StringComparison.Ordinal)
        ? new ConfigProblem(
            at with { Column = line.IndexOf('{', StringComparison.Ordinal) + 1 },
            "this is a template, which the agent does not render; render it first, as helm template does, or write ${NAME} for an environment variable")
        : null;

    private static ConfigProblem? FindTab(string message, string[] lines, Position end)
    {
        int last = message.Contains("tab", StringComparison.Ordinal) ? lines.Length : end.Line;
        for (int i = message.Contains("tab", StringComparison.Ordinal) ? 0 : last - 1; i < last; i++)
        {
            string indentation = lines[i][..Indentation(lines[i])];
            if (indentation.Contains('\t', StringComparison.Ordinal) && !IsEmpty(lines[i]))
            {
                return new ConfigProblem(
                    new Position(i + 1, indentation.IndexOf('\t', StringComparison.Ordinal) + 1), Prefix + "this is a tab, and YAML is indented with blanks only; replace it with blanks");
            }
        }

        return null;
    }

    /// <summary>A colon stands where no key can be: in a value, or in a line that continues the one before.</summary>
    private static ConfigProblem? ExplainColon(string[] lines, Position at)
    {
        string line = lines[at.Line - 1];
        if (Entry().Match(line) is { Success: true } entry && entry.Groups["value"].Index < at.Column)
        {
            return new ConfigProblem(
                at, $"{Prefix}a second colon on a line, with a blank or nothing behind it; put the value into quotes, as in {entry.Groups["key"].Value}: \"…\", or begin a new line for what stands below {entry.Groups["key"].Value}");
        }

        return ExplainPlace(lines, at with { Column = Indentation(line) + 1 });
    }

    /// <summary>A line that does not fit those above it, or what stands behind a value.</summary>
    private static ConfigProblem? ExplainPlace(string[] lines, Position at)
    {
        string line = lines[at.Line - 1];
        int indentation = Indentation(line);
        if (at.Column <= line.Length && line[at.Column - 1] is '}' or ']')
        {
            return new ConfigProblem(at, $"{Prefix}this {line[at.Column - 1]} closes nothing; remove it, or add the one that opens");
        }

        if (at.Column > indentation + 1 && at.Column <= line.Length && line[at.Column - 1] == ':')
        {
            return new ConfigProblem(at, Prefix + "write a blank behind this colon");
        }

        if (at.Column > indentation + 1)
        {
            return at.Column > line.Length ? null : new ConfigProblem(
                at, Prefix + "this stands behind the end of a value; put the whole value into quotes, and write a quote in it as \\\" in \"…\", or as '' in '…'");
        }

        int before = at.Line - 2;
        while (before >= 0 && IsEmpty(lines[before]))
        {
            before--;
        }

        if (before < 0)
        {
            return null;
        }

        string above = lines[before];
        if (above.TrimStart().StartsWith('-'))
        {
            if (indentation == Indentation(above))
            {
                return new ConfigProblem(at, Prefix + "an item of a list begins with \"- \", as the one above it; what belongs to that one is indented further");
            }
        }
        else if (line.TrimStart().StartsWith('-'))
        {
            return new ConfigProblem(at, Prefix + "this is an item of a list, among keys; indent it below the key that it belongs to");
        }
        else if (!HasKey().IsMatch(above) || !HasKey().IsMatch(line))
        {
            int wrong = HasKey().IsMatch(above) ? at.Line - 1 : before;
            return new ConfigProblem(
                new Position(wrong + 1, Indentation(lines[wrong]) + 1), Prefix + "there is no colon with a blank behind it in this line; write KEY: VALUE, or - VALUE in a list");
        }

        // What belongs to an item stands below the first text behind its "- ".
        int column = line.TrimStart().StartsWith('-') ? Indentation(above) : above.Length - above.TrimStart(' ', '\t', '-').Length;
        return new ConfigProblem(at, string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}this line is indented by {indentation} and the one above it by {column}, which don't fit together; keys of one section stand in one column, and what is below them further right"));
    }

    private static bool IsAboutPlace(string message) => message.Contains("expected key", StringComparison.Ordinal)
        || message.Contains("expected '-' indicator", StringComparison.Ordinal)
        || message.Contains("expected <document end>", StringComparison.Ordinal)
        || message.Contains("expected <document start>", StringComparison.Ordinal)
        || message.Contains("expected ':'", StringComparison.Ordinal);

    /// <summary>Replaces the parser's message by a plainer one, if there is one.</summary>
    private static string ExplainWords(string message, string rest) => message switch
    {
        _ when message.Contains("cannot start any token", StringComparison.Ordinal) && rest.Length > 0 => $"a text can't begin with {rest[0]}; put it into quotes",
        _ when message.StartsWith("While scanning a", StringComparison.Ordinal) && rest.Length > 0 && rest[0] is '*' or '&' or '!' => $"a text can't begin with {rest[0]}; put it into quotes",
        _ when message.Contains("scanning a block scalar", StringComparison.Ordinal) => $"a text can't begin with {(rest.Length > 0 ? rest[0] : '|')}; put it into quotes, or begin the text on the next line",
        _ when message.Contains("quoted scalar", StringComparison.Ordinal) && (message.Contains("end of stream", StringComparison.Ordinal) || message.Contains("indentation", StringComparison.Ordinal)) =>
            "this quote is not closed; add the other one at the end of the value",
        _ when message.Contains("escape", StringComparison.Ordinal) || message.Contains("hexadecimal", StringComparison.Ordinal) =>
            "in \"…\" a backslash begins an escape, and this is none; write \\\\ for a backslash, or use single quotes",
        _ when message.Contains("Block sequence entries", StringComparison.Ordinal) => "a list can't begin behind a colon; begin a new line for each \"- \", or write [a, b]",
        _ when message.Contains("Mapping keys are not allowed", StringComparison.Ordinal) => "a text can't begin with ? and a blank; put it into quotes",
        _ when message.Contains("Mapping values are not allowed", StringComparison.Ordinal) => "this colon is not allowed here; put the text into quotes if it is a part of it",
        _ => message.TrimEnd('.'),
    };

    private static int Indentation(string line) => line.Length - line.TrimStart(' ', '\t').Length;

    private static bool IsEmpty(string line) => line.TrimStart(' ', '\t') is "" or ['#', ..];

    [GeneratedRegex("""^[ \t]*(?:- +)*(?<key>[^\s:'"\[{#][^:]*|"[^"]*"|'[^']*'):[ \t]+(?<value>\S)""")]
    private static partial Regex Entry();

    [GeneratedRegex(@":(\s|$)")]
    private static partial Regex HasKey();
}
