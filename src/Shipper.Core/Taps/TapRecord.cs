namespace Shipper.Taps;

/// <summary>A record that a tap shows. Secrets and personal data that the stream's rules remove are removed from all of it.</summary>
internal sealed class TapRecord
{
    /// <summary>Maximum length of a line in bytes. A longer line is cut at a character boundary.</summary>
    public const int MaxLineBytes = 16 * 1024;

    /// <summary>The record's time, in nanoseconds since 1970.</summary>
    public required long TimestampNs { get; init; }

    public required TapStage Stage { get; init; }

    /// <summary>The labels of the stream. All records of a stream share the object.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The structured metadata, in the order in which it is sent.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; }

    /// <summary>The line, or as much of its beginning as is shown: valid UTF-8.</summary>
    public required byte[] Line { get; init; }

    /// <summary>Length of the whole line in bytes.</summary>
    public required long LineBytes { get; init; }

    /// <summary>The rule that matched, even if it only kept the record; null if none did.</summary>
    public string? Rule { get; init; }

    /// <summary>The limit that applies to the record, even if the record was within it; null if none does.</summary>
    public string? Limit { get; init; }

    /// <summary>Why the record was dropped: the name of a rule or limit, or one of <see cref="Telemetry.DropReasons"/>. Null if it is sent.</summary>
    public string? Reason { get; init; }

    /// <summary>What the stages changed, in their order.</summary>
    public IReadOnlyList<TapChange> Changes { get; init; } = [];

    /// <summary>Approximate size in bytes, for the limits of a tap.</summary>
    public int Size => Line.Length + SizeOf(Metadata) + Changes.Sum(change => (change.Line?.Length ?? 0) + SizeOf(change.Metadata));

    private static int SizeOf(IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        int size = 0;
        foreach ((string name, string value) in pairs)
        {
            size += name.Length + value.Length;
        }

        return size;
    }
}
