namespace Shipper.Testing.Program;

/// <summary>The names that a query may use. The tests of the hub compare them with what the agent sends.</summary>
internal static class AgentLabels
{
    /// <summary>Labels of streams.</summary>
    public static IReadOnlySet<string> OfStreams { get; } = new HashSet<string>
    {
        "cluster", "environment", "node", "namespace", "pod", "container", "unit", "job", "filename",
    };

    /// <summary>Structured metadata, including that of lost and changed records.</summary>
    public static IReadOnlySet<string> OfRecords { get; } = new HashSet<string>
    {
        "stream", "level", "identifier", "pid", "transport", "boot_id", "unit_full", "truncated_bytes", "original_timestamp", "lost_bytes", "lost_reason",
    };

    /// <summary>Names that Loki adds: to the labels, to the metadata, and to lines that a parser can't read.</summary>
    public static IReadOnlySet<string> OfLoki { get; } = new HashSet<string> { "service_name", "detected_level", "__error__", "__error_details__" };
}
