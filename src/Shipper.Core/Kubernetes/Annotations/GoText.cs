namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses values as agents that are written in Go do.</summary>
internal static class GoText
{
    /// <summary>Parses a boolean as strconv.ParseBool does.</summary>
    /// <returns>Null if the text is not a boolean.</returns>
    public static bool? ParseBoolean(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };

    /// <summary>Translates regexes of Go.</summary>
    /// <param name="findsAll">True if all matches are wanted; false to test whether there is one.</param>
    /// <returns>Null, and what is wrong, if there is none or one of them is not valid.</returns>
    public static ValueList<string>? ParsePatterns(IReadOnlyList<string> patterns, bool findsAll, WishCollector collector, out string problem)
    {
        string[] translated = [.. patterns.Select(PatternSyntax.FromGo)];
        problem = translated.Length is 0 or > PatternSyntax.MaxCount ? $"must be 1 to {PatternSyntax.MaxCount} regexes"
            : !collector.TryTakePatterns(translated.Length) ? WishCollector.TooManyPatterns
            : translated.Select(pattern => PatternSyntax.FindProblem(pattern, findsAll)).FirstOrDefault(found => found is not null) ?? "";
        return problem.Length > 0 ? null : new(translated);
    }
}
