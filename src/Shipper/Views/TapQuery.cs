namespace Shipper.Views;

/// <summary>Builds the LogQL query of <c>shipper tap</c> from its arguments, which have the names and the meaning of stern's.</summary>
internal sealed record TapQuery(string Selector, string[] Namespaces, string? Container, string[] Include, string[] Exclude)
{
    /// <summary>Returns the query; empty for everything.</summary>
    public string Build()
    {
        string filters = string.Concat(Include.Select(pattern => $" |~ {Quote(pattern)}").Concat(Exclude.Select(pattern => $" !~ {Quote(pattern)}")));
        List<string> matchers = [];
        if (Namespaces.Length > 0)
        {
            matchers.Add(Namespaces.Length == 1 ? $"namespace={Quote(Namespaces[0])}" : $"namespace=~{Quote(string.Join('|', Namespaces))}");
        }

        if (Container is not null)
        {
            matchers.Add(Contains("container", Container));
        }

        string selector = Selector.Trim();
        if (selector.StartsWith('{'))
        {
            // Right behind the brace: where the selector ends can only be told by parsing it.
            string rest = selector[1..].TrimStart();
            string added = string.Join(", ", matchers);
            return (added.Length == 0 ? selector : $"{{{added}{(rest.StartsWith('}') ? "" : ", ")}{rest}") + filters;
        }

        if (selector.Length > 0)
        {
            string[] parts = selector.Split('/');
            if (parts.Length > 1)
            {
                matchers.Add($"namespace={Quote(parts[0])}");
            }

            matchers.Add(Contains("pod", parts.Length > 1 ? parts[1] : parts[0]));
            if (parts.Length > 2)
            {
                matchers.Add(Contains("container", parts[2]));
            }
        }

        return matchers.Count == 0 && filters.Length == 0 ? "" : $"{{{string.Join(", ", matchers)}}}{filters}";
    }

    // A matcher of LogQL must match the whole value.
    private static string Contains(string label, string pattern) => $"{label}=~{Quote($".*({pattern}).*")}";

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
