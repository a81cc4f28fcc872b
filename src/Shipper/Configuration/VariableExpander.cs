using System.Text.RegularExpressions;

namespace Shipper.Configuration;

/// <summary>
/// Replaces <c>${NAME}</c> and <c>${NAME:-default}</c> in values; the default also stands for an empty variable, as in a shell.
/// <c>$${NAME}</c> is the text <c>${NAME}</c>.
/// </summary>
/// <param name="getVariable">Gives the value of an environment variable; null if it is not set.</param>
/// <param name="problems">Gets what is wrong.</param>
internal sealed partial class VariableExpander(Func<string, string?> getVariable, List<ConfigProblem> problems)
{
    /// <summary>Expands a value.</summary>
    /// <param name="text">The value as it stands in the file.</param>
    /// <param name="at">Where it stands.</param>
    /// <param name="isMeant">True if <c>$NAME</c> is meant literally, because it is in single quotes, as in a shell.</param>
    public string Expand(string text, Position at, bool isMeant) => Variable().Replace(text, match =>
    {
        string name = match.Groups["name"].Value;
        if (match.Value.StartsWith("$$", StringComparison.Ordinal))
        {
            return match.Value[1..];
        }

        if (match.Groups["bare"].Success)
        {
            if (!isMeant)
            {
                string known = match.Value.Trim('$', '(', ')');
                problems.Add(new ConfigProblem(
                    at,
                    $"{ConfigBinder.Show(match.Value)} is taken as it stands; write ${{{known}}} for the environment variable, or put the value into single quotes if you mean the text itself",
                    IsWarning: true));
            }

            return match.Value;
        }

        Group fallback = match.Groups["default"];
        if (name.Length == 0 || InDefault().IsMatch(fallback.Value))
        {
            problems.Add(new ConfigProblem(at, $"{ConfigBinder.Show(match.Value)} is no variable; write ${{NAME}} or ${{NAME:-default}}{(name.Length == 0 ? "" : ", with a default that is a text")}"));
            return match.Value;
        }

        // A variable that comes from a Secret often ends with the line break of the file it was made from. Files with secrets are trimmed as well.
        string? value = getVariable(name)?.Trim();
        if (string.IsNullOrEmpty(value) && fallback.Success)
        {
            return fallback.Value;
        }

        if (value is null)
        {
            problems.Add(new ConfigProblem(
                at, $"the environment variable {name} is not set, so {ConfigBinder.Show(match.Value)} is empty; set it, or write ${{{name}:-default}}", IsWarning: true));
            return "";
        }

        if (Checks.OneLine(value) is not null)
        {
            // Without the value, which may be a secret.
            problems.Add(new ConfigProblem(at, $"the environment variable {name} has a line break or another control character in it; a value is one line"));
            return "";
        }

        return value;
    });

    [GeneratedRegex(@"\$\$\{|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<default>[^}]*))?\}|\$\{[^}]*\}?|(?<!\$)(?<bare>\$(?:[A-Za-z_][A-Za-z0-9_]*|\([A-Za-z_][A-Za-z0-9_]*\)))")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$[A-Za-z_{(]")]
    private static partial Regex InDefault();
}
