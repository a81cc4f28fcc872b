using System.Text;

namespace Shipper.Client;

/// <summary>Makes the query of a tap from what is easy to type: a LogQL query, the name of a pod, and short options.</summary>
internal static class TapSelector
{
    /// <summary>Returns the query.</summary>
    /// <param name="selector">A LogQL query, or a regex of pods, perhaps with a namespace and a slash in front; empty for everything.</param>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="container">A regex of containers; null for all.</param>
    /// <param name="include">Regexes that a line must match.</param>
    /// <param name="exclude">Regexes that a line must not match.</param>
    public static string Create(string selector, string? @namespace, string? container, IReadOnlyList<string> include, IReadOnlyList<string> exclude)
    {
        var matchers = new List<string>();
        string filters = "";
        if (selector.StartsWith('{') && selector.IndexOf('}', StringComparison.Ordinal) is >= 0)
        {
            int end = EndOfSelector(selector);
            string inside = selector[1..end].Trim().TrimEnd(',');
            matchers.AddRange(inside.Length > 0 ? [inside] : []);
            filters = selector[(end + 1)..].Trim();
        }
        else if (selector.Length > 0)
        {
            string pod = selector;
            if (selector.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash)
            {
                matchers.Add($"namespace={Quote(selector[..slash])}");
                pod = selector[(slash + 1)..];
            }

            matchers.Add($"pod=~{Quote($".*(?:{pod}).*")}");
        }

        if (@namespace is not null)
        {
            matchers.Add($"namespace={Quote(@namespace)}");
        }

        if (container is not null)
        {
            matchers.Add($"container=~{Quote($".*(?:{container}).*")}");
        }

        var query = new StringBuilder("{").AppendJoin(", ", matchers).Append('}');
        if (filters.Length > 0)
        {
            query.Append(' ').Append(filters);
        }

        foreach (string regex in include)
        {
            query.Append(" |~ ").Append(Quote(regex));
        }

        foreach (string regex in exclude)
        {
            query.Append(" !~ ").Append(Quote(regex));
        }

        return query.ToString();
    }

    /// <summary>Finds the brace that ends the selector: braces in strings don't count.</summary>
    private static int EndOfSelector(string selector)
    {
        char quote = '\0';
        for (int i = 1; i < selector.Length; i++)
        {
            char c = selector[i];
            if (quote == '"' && c == '\\')
            {
                i++;
            }
            else if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '`')
            {
                quote = c;
            }
            else if (c == '}')
            {
                return i;
            }
        }

        return selector.Length - 1;
    }

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
