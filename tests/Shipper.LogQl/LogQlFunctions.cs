namespace Shipper.LogQl;

/// <summary>The functions of LogQL, and their requirements.</summary>
internal static class LogQlFunctions
{
    public static IReadOnlySet<string> OfRanges { get; } = new HashSet<string>
    {
        "rate", "rate_counter", "count_over_time", "bytes_rate", "bytes_over_time", "avg_over_time", "sum_over_time", "min_over_time",
        "max_over_time", "stdvar_over_time", "stddev_over_time", "quantile_over_time", "first_over_time", "last_over_time", "absent_over_time",
    };

    public static IReadOnlySet<string> OfVectors { get; } = new HashSet<string>
    {
        "sum", "avg", "max", "min", "count", "stddev", "stdvar", "bottomk", "topk", "sort", "sort_desc",
    };

    public static IReadOnlySet<string> Conversions { get; } = new HashSet<string> { "bytes", "duration", "duration_seconds" };

    /// <summary>Range functions that may have "by" or "without".</summary>
    public static IReadOnlySet<string> Grouped { get; } = new HashSet<string>
    {
        "avg_over_time", "stddev_over_time", "stdvar_over_time", "quantile_over_time", "max_over_time", "min_over_time", "first_over_time",
        "last_over_time",
    };

    /// <summary>Range functions that count lines or bytes, and work without "unwrap".</summary>
    public static IReadOnlySet<string> OfLines { get; } = new HashSet<string>
    {
        "bytes_over_time", "bytes_rate", "count_over_time", "rate", "absent_over_time",
    };

    /// <summary>Range functions that do not allow "unwrap".</summary>
    public static IReadOnlySet<string> NeverUnwrapped { get; } = new HashSet<string> { "bytes_over_time", "bytes_rate", "count_over_time" };

    /// <summary>Functions that are available in templates of "line_format" and "label_format".</summary>
    public static IReadOnlySet<string> OfTemplates { get; } = new HashSet<string>
    {
        "ToLower", "ToUpper", "Replace", "Trim", "TrimLeft", "TrimRight", "TrimPrefix", "TrimSuffix", "TrimSpace", "regexReplaceAll",
        "regexReplaceAllLiteral", "count", "urldecode", "urlencode", "bytes", "duration", "duration_seconds", "unixEpochMillis",
        "unixEpochNanos", "toDateInZone", "unixToTime", "alignLeft", "alignRight", "b64enc", "b64dec", "lower", "upper", "title", "trunc",
        "substr", "contains", "hasPrefix", "hasSuffix", "indent", "nindent", "replace", "repeat", "trim", "trimAll", "trimSuffix",
        "trimPrefix", "int", "float64", "add", "sub", "mul", "div", "mod", "addf", "subf", "mulf", "divf", "max", "min", "maxf", "minf",
        "ceil", "floor", "round", "fromJson", "date", "toDate", "now", "unixEpoch", "default", "__line__", "__timestamp__",
        "and", "or", "not", "len", "index", "slice", "print", "printf", "println", "html", "js", "urlquery", "call", "eq", "ne", "lt", "le",
        "gt", "ge", "if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "nil", "true", "false",
    };
}
