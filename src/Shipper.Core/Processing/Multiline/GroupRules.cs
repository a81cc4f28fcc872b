namespace Shipper.Processing.Multiline;

/// <summary>Makes the rule that the configuration asks for.</summary>
internal static class GroupRules
{
    private static readonly TraceRule Traces = new(TraceLanguages.All);
    private static readonly AutoRule Auto = new();

    /// <summary>Returns the rule of some options; null if each line is a record. Equal options without a pattern return the same rule.</summary>
    /// <exception cref="ArgumentException">The pattern is no valid regex.</exception>
    public static GroupRule? Create(MultilineOptions options) => options.Mode switch
    {
        MultilineMode.Traces => Traces,
        MultilineMode.Auto => Auto,
        MultilineMode.Languages => ByLanguages(options.Languages),
        MultilineMode.Start => new PatternRule(options.Pattern, isStart: true, options.IsFromPod),
        MultilineMode.Continue => new PatternRule(options.Pattern, isStart: false, options.IsFromPod),
        _ => null,
    };

    private static TraceRule? ByLanguages(TraceLanguages languages) => languages switch
    {
        TraceLanguages.None => null,
        TraceLanguages.All => Traces,
        _ => Interned.GetOrAdd(languages, static some => new TraceRule(some)),
    };

    private static System.Collections.Concurrent.ConcurrentDictionary<TraceLanguages, TraceRule> Interned { get; } = new();
}
