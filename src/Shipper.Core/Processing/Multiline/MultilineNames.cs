namespace Shipper.Processing.Multiline;

/// <summary>Names the kinds of <see cref="MultilineOptions"/> for metrics.</summary>
internal static class MultilineNames
{
    /// <summary>Returns a name such as <c>traces</c> or <c>java,python</c>, the same object for equal options.</summary>
    public static string Of(MultilineOptions options) => string.Intern(options.Mode switch
    {
        MultilineMode.Languages => options.Languages.ToString().Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant(),
        MultilineMode other => other.ToString().ToLowerInvariant(),
    });
}
