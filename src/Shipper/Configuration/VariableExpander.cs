using System.Text.RegularExpressions;

namespace Shipper.Configuration;

/// <summary>
/// Expands <c>${NAME}</c> and <c>${NAME:-default}</c> in values. As in a shell, the default also replaces an empty variable.
/// <c>$${NAME}</c> becomes the text <c>${NAME}</c>.
/// </summary>
/// <param name="getVariable">Returns the value of an environment variable; null if it is not set.</param>
/// <param name="problems">Receives the problems.</param>
internal sealed partial class VariableExpander(Func<string, string?> getVariable, List<ConfigProblem> problems)
{
    /// <summary>Expands a value.</summary>
    /// <param name="text">The value as written in the file.</param>
    /// <param name="at">The location of the value, for problems.</param>
    /// <param name="isLiteral">True if the value is in single quotes or a block after <c>|</c>: then <c>$NAME</c> is literal text, as in a shell.</param>
    public string Expand(string text, SourceLocation at, bool isLiteral) => Variable().Replace(text, match =>
    {
        string name = match.Groups["name"].Value;
        if (match.Value.StartsWith("$$", StringComparison.Ordinal))
        {
            return match.Value[1..];
        }

        if (match.Groups["bare"].Success)
        {
            if (!isLiteral)
            {
                string known = match.Value.Trim('$', '(', ')');
                problems.Add(new ConfigProblem(
                    at,
                    $"{ConfigBinder.ToOneLine(match.Value)} is not expanded; write ${{{known}}} for the environment variable, or put the value in single quotes if you mean the literal text",
                    IsWarning: true));
            }

            return match.Value;
        }

        Group fallback = match.Groups["default"];
        if (name.Length == 0 || InDefault().IsMatch(fallback.Value))
        {
            problems.Add(new ConfigProblem(at, $"{ConfigBinder.ToOneLine(match.Value)} is not a valid variable; write ${{NAME}} or ${{NAME:-default}}{(name.Length == 0 ? "" : ", with plain text as the default")}"));
            return match.Value;
        }

        // A variable from a Secret often ends with the line break of the file that the Secret was made from. Files with secrets are trimmed as well.
        string? value = getVariable(name)?.Trim();
        if (string.IsNullOrEmpty(value) && fallback.Success)
        {
            return fallback.Value;
        }

        if (value is null)
        {
            problems.Add(new ConfigProblem(
                at, $"the environment variable {name} is not set, so {ConfigBinder.ToOneLine(match.Value)} is empty; set it, or write ${{{name}:-default}}", IsWarning: true));
            return "";
        }

        if (Checks.OneLine(value) is not null)
        {
            // Don't show the value: it may be a secret.
            problems.Add(new ConfigProblem(at, $"the environment variable {name} contains a line break or another control character; a value must be one line"));
            return "";
        }

        return value;
    });

    [GeneratedRegex(@"\$\$\{|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<default>[^}]*))?\}|\$\{[^}]*\}?|(?<!\$)(?<bare>\$(?:[A-Za-z_][A-Za-z0-9_]*|\([A-Za-z_][A-Za-z0-9_]*\)))")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$[A-Za-z_{(]")]
    private static partial Regex InDefault();
}
