namespace Shipper.Testing.Loki;

/// <summary>An entry in the double's store.</summary>
/// <param name="TimestampNs">Nanoseconds since 1970.</param>
/// <param name="Line">The line.</param>
/// <param name="Metadata">Structured metadata as <c>name=value</c>, in the order sent.</param>
public sealed record StoredEntry(long TimestampNs, string Line, string Metadata)
{
    /// <summary>Structured metadata as it was sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs { get; init; } = [];

    /// <summary>Lists are compared by what they are: the text says it all.</summary>
    public bool Equals(StoredEntry? other) => other is not null && TimestampNs == other.TimestampNs && Line == other.Line && Metadata == other.Metadata;

    public override int GetHashCode() => HashCode.Combine(TimestampNs, Line, Metadata);
}
