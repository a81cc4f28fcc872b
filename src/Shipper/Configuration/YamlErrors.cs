using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace Shipper.Configuration;

/// <summary>
/// Explains why a text is not valid YAML, and how to fix it. The parser only reports where it stopped, which is often after the mistake, in
/// the terms of YAML's grammar.
/// </summary>
internal static partial class YamlErrors
{
    private const string Prefix = "not valid YAML: ";

    /// <summary>YAML states the indentation of a text with one digit.</summary>
    private const int MaxIndicator = 9;

    /// <summary>Explains an error of the parser.</summary>
    public static ConfigProblem Explain(YamlException error, string text)
    {
        string message = error.InnerException?.Message ?? error.Message;
        string[] lines = Lines(text);
        SourceLocation at = Within(error.Start, lines);
        string line = lines[at.Line - 1];
        return FindTemplate(line, at)
            ?? FindTab(message, lines, Within(error.End, lines))
            ?? (message.Contains("invalid mapping", StringComparison.Ordinal) || IsAboutStructure(message) ? FindShallowText(lines, at) : null)
            ?? (message.Contains("',' or", StringComparison.Ordinal) ? ExplainUnclosed(error.Start, text) : null)
            ?? (message.Contains("invalid mapping", StringComparison.Ordinal) ? ExplainColon(lines, at) : null)
            ?? (IsAboutStructure(message) ? ExplainStructure(lines, at) : null)
            ?? new ConfigProblem(at, Prefix + Rephrase(message, line[(at.Column - 1)..]));
    }

    /// <summary>Explains that a <c>{</c> or <c>[</c> is not closed, or that a comma is missing.</summary>
    public static ConfigProblem ExplainUnclosed(Mark mark, string text)
    {
        string[] lines = Lines(text);
        SourceLocation at = Within(mark, lines);
        string remedy = at.Line > 1 && at.Column == Indentation(lines[at.Line - 1]) + 1 ? " If not, indent this line further" : "";
        return new ConfigProblem(at, $"{Prefix}is a comma, }} or ] missing before this?{remedy}");
    }

    /// <summary>Moves a location past the end of its line, or of the text, back to that end.</summary>
    private static SourceLocation Within(Mark mark, string[] lines)
    {
        int number = Math.Clamp((int)mark.Line, 1, lines.Length);
        int end = lines[number - 1].Length + 1;
        return new SourceLocation(number, mark.Line > lines.Length ? end : Math.Clamp((int)mark.Column, 1, end));
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

    private static ConfigProblem? FindTemplate(string line, SourceLocation at) => line.Contains("{{", StringComparison.Ordinal) || line.Contains("{%", StringComparison.Ordinal)
        ? new ConfigProblem(
            at with { Column = line.IndexOf('{', StringComparison.Ordinal) + 1 },
            "this is a template, but the agent does not render templates; render it first, for example with helm template, or write ${NAME} for an environment variable")
        : null;

    private static ConfigProblem? FindTab(string message, string[] lines, SourceLocation end)
    {
        int last = message.Contains("tab", StringComparison.Ordinal) ? lines.Length : end.Line;
        for (int i = message.Contains("tab", StringComparison.Ordinal) ? 0 : last - 1; i < last; i++)
        {
            string indentation = lines[i][..Indentation(lines[i])];
            if (indentation.Contains('\t', StringComparison.Ordinal) && !IsEmpty(lines[i]))
            {
                return new ConfigProblem(
                    new SourceLocation(i + 1, indentation.IndexOf('\t', StringComparison.Ordinal) + 1), Prefix + "this is a tab, but YAML must be indented with spaces; replace it with spaces");
            }
        }

        return null;
    }

    /// <summary>Explains a text over several lines that ends too early, because its first line is indented further than a later one.</summary>
    private static ConfigProblem? FindShallowText(string[] lines, SourceLocation at)
    {
        int header = Array.FindLastIndex(lines, at.Line - 1, line => TextHeader().IsMatch(line));
        Match match = header < 0 ? Match.Empty : TextHeader().Match(lines[header]);
        int key = match.Groups["key"].Index;
        (string Line, int Index)[] text =
        [
            .. lines.Select((line, i) => (Line: line, Index: i)).Skip(header + 1)
                .Where(line => line.Line.Trim().Length > 0)
                .TakeWhile(line => Indentation(line.Line) > key),
        ];
        int shallow = Array.FindIndex(text, line => Indentation(line.Line) < Indentation(text[0].Line) && !IsEmpty(line.Line));
        int depth = shallow < 0 ? 0 : text.Min(line => Indentation(line.Line)) - key;
        if (header < 0 || depth is 0 or > MaxIndicator)
        {
            return null;
        }

        string style = match.Groups["style"].Value;
        return new ConfigProblem(
            new SourceLocation(text[shallow].Index + 1, Indentation(text[shallow].Line) + 1),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Prefix}this line is indented less than the first line of the text under {match.Groups["key"].Value}, so the text would end here; "
                + $"write {match.Groups["key"].Value}: {style}{depth}{match.Groups["chomp"].Value}, which says that the text is indented by {depth}"));
    }

    /// <summary>Explains a colon where no key can be: inside a value, or in a line that continues the previous one.</summary>
    private static ConfigProblem? ExplainColon(string[] lines, SourceLocation at)
    {
        string line = lines[at.Line - 1];
        if (Entry().Match(line) is { Success: true } entry && entry.Groups["value"].Index < at.Column)
        {
            return new ConfigProblem(
                at, $"{Prefix}this line has a second colon with a space or nothing after it; put the value in quotes, as in {entry.Groups["key"].Value}: \"…\", or start a new line for what belongs under {entry.Groups["key"].Value}");
        }

        return ExplainStructure(lines, at with { Column = Indentation(line) + 1 });
    }

    /// <summary>Explains a line that does not fit the lines above it, or text after the end of a value.</summary>
    private static ConfigProblem? ExplainStructure(string[] lines, SourceLocation at)
    {
        string line = lines[at.Line - 1];
        int indentation = Indentation(line);
        if (at.Column <= line.Length && line[at.Column - 1] is '}' or ']')
        {
            return new ConfigProblem(at, $"{Prefix}this {line[at.Column - 1]} closes nothing; remove it, or add the opening one");
        }

        if (at.Column > indentation + 1 && at.Column <= line.Length && line[at.Column - 1] == ':')
        {
            return new ConfigProblem(at, Prefix + "write a space after this colon");
        }

        if (at.Column > indentation + 1)
        {
            return at.Column > line.Length ? null : new ConfigProblem(
                at, Prefix + "this comes after the end of a value; put the whole value in quotes, and write a quote inside it as \\\" in \"…\", or as '' in '…'");
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
                return new ConfigProblem(at, Prefix + "a list item must begin with \"- \", like the one above; if this line belongs to that item, indent it further");
            }
        }
        else if (line.TrimStart().StartsWith('-'))
        {
            return new ConfigProblem(at, Prefix + "this is a list item among keys; indent it under the key that it belongs to");
        }
        else if (!HasKey().IsMatch(above) || !HasKey().IsMatch(line))
        {
            int wrong = HasKey().IsMatch(above) ? at.Line - 1 : before;
            return new ConfigProblem(
                new SourceLocation(wrong + 1, Indentation(lines[wrong]) + 1), Prefix + "this line has no colon with a space after it; write KEY: VALUE, or - VALUE in a list");
        }

        // The keys of a list item start in the column of the first text after its "- ".
        int column = line.TrimStart().StartsWith('-') ? Indentation(above) : above.Length - above.TrimStart(' ', '\t', '-').Length;
        return new ConfigProblem(at, string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}this line is indented by {indentation} and the one above it by {column}, which does not match; indent all keys of a section equally, and what belongs under a key further"));
    }

    private static bool IsAboutStructure(string message) => message.Contains("expected key", StringComparison.Ordinal)
        || message.Contains("expected '-' indicator", StringComparison.Ordinal)
        || message.Contains("expected <document end>", StringComparison.Ordinal)
        || message.Contains("expected <document start>", StringComparison.Ordinal)
        || message.Contains("expected ':'", StringComparison.Ordinal);

    /// <summary>Replaces the parser's message with a plainer one, if there is one.</summary>
    private static string Rephrase(string message, string rest) => message switch
    {
        _ when message.Contains("cannot start any token", StringComparison.Ordinal) && rest.Length > 0 => $"an unquoted value can't begin with {rest[0]}; put it in quotes",
        _ when message.StartsWith("While scanning a", StringComparison.Ordinal) && rest.Length > 0 && rest[0] is '*' or '&' or '!' => $"an unquoted value can't begin with {rest[0]}; put it in quotes",
        _ when message.Contains("scanning a block scalar", StringComparison.Ordinal) => $"an unquoted value can't begin with {(rest.Length > 0 ? rest[0] : '|')}; put it in quotes, or start the text on the next line",
        _ when message.Contains("quoted scalar", StringComparison.Ordinal) && (message.Contains("end of stream", StringComparison.Ordinal) || message.Contains("indentation", StringComparison.Ordinal)) =>
            "this quote is not closed; add the closing quote at the end of the value",
        _ when message.Contains("escape", StringComparison.Ordinal) || message.Contains("hexadecimal", StringComparison.Ordinal) =>
            "in \"…\" a backslash starts an escape sequence, and this one does not exist; write \\\\ for a backslash, or use single quotes",
        _ when message.Contains("Block sequence entries", StringComparison.Ordinal) => "a list can't start on the line of its key; start a new line for each \"- \", or write [a, b]",
        _ when message.Contains("Mapping keys are not allowed", StringComparison.Ordinal) => "an unquoted value can't begin with ? and a space; put it in quotes",
        _ when message.Contains("Mapping values are not allowed", StringComparison.Ordinal) => "a colon is not allowed here; if it is part of the text, put the text in quotes",
        _ => message.TrimEnd('.'),
    };

    private static int Indentation(string line) => line.Length - line.TrimStart(' ', '\t').Length;

    private static bool IsEmpty(string line) => line.TrimStart(' ', '\t') is "" or ['#', ..];

    [GeneratedRegex("""^[ \t]*(?:- +)*(?<key>[^\s:'"\[{#][^:]*|"[^"]*"|'[^']*'):[ \t]+(?<value>\S)""")]
    private static partial Regex Entry();

    /// <summary>A key whose value is a text over several lines, such as <c>input: |</c>.</summary>
    [GeneratedRegex(@"^[ \t]*(?:- +)*(?<key>[^\s#:]+):[ \t]+(?<style>[|>])(?<chomp>[-+]?)[ \t]*$")]
    private static partial Regex TextHeader();

    [GeneratedRegex(@":(\s|$)")]
    private static partial Regex HasKey();
}
