using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shipper.Processing.Patterns;

namespace Shipper.Configuration;

/// <summary>A regular expression of .NET that never backtracks, so that its time grows only linearly with the length of the line.</summary>
/// <param name="mustConsume">True if the expression must not match an empty text: it is used to replace what it matches.</param>
internal sealed class RegexKind(bool mustConsume = false) : ValueKind<string>
{
    /// <summary>Upper bound in characters: the parser of .NET is recursive.</summary>
    private const int MaxLength = 4096;

    /// <summary>An expression that finds an empty text in one of these matches a position, such as <c>\b</c>, or can match nothing, such as <c>a*</c>.</summary>
    private static readonly string[] Samples = ["", "a", "Z 0-_\t."];

    public override string Expected => "a regular expression, such as \"timeout|refused\"";

    public override bool IsText => true;

    public override bool TryParse(string text, out string value, out string? problem)
    {
        value = text;
        problem = Checks.OneLine(text)
            ?? (text.Length == 0 ? Expected
            : text.Length > MaxLength ? string.Create(CultureInfo.InvariantCulture, $"a regular expression of at most {MaxLength} characters")
            : FindProblem(text));
        return problem is null;
    }

    public override string Format(string value) => value;

    public override JsonObject Describe() => new() { ["title"] = "regular expression", ["type"] = new JsonArray("string", "number", "boolean") };

    private string? FindProblem(string pattern)
    {
        try
        {
            var regex = new Regex(pattern, TextPattern.Options);
            return PatternEstimate.IsTooLarge(pattern)
                ? $"a smaller regular expression: its automaton has more than {PatternEstimate.MaxBytes / 1024 / 1024} MiB (lower the repetition counts, or write + or * instead)"
                : mustConsume && Array.Exists(Samples, sample => regex.Matches(sample).Any(match => match.Length == 0))
                ? "a regular expression that can't match an empty text, because it would match everywhere (write + instead of *)"
                : null;
        }
        catch (RegexParseException e)
        {
            return $"a valid regular expression ({TextPattern.Describe(e)})";
        }
        catch (NotSupportedException e)
        {
            // The message quotes the construct that is not supported. It quotes numbers if the expression is too large.
            string[] quoted = e.Message.Split('\'');
            return quoted.Length == 3
                ? $"a regular expression without look-arounds, backreferences and atomic groups, because these could take too long ({quoted[1]} is not supported)"
                : "a smaller regular expression (lower the repetition counts, such as {1000})";
        }
    }
}
