namespace Shipper.Testing.Loki;

/// <summary>An entry in the store of the double.</summary>
/// <param name="TimestampNs">Nanoseconds since 1970.</param>
/// <param name="Metadata">Structured metadata as <c>name=value</c>, in the order sent.</param>
public sealed record StoredEntry(long TimestampNs, string Line, string Metadata)
{
    /// <summary>The structured metadata, as sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs { get; init; } = [];

    /// <summary>Ignores <see cref="Pairs"/>: lists compare by reference, and <see cref="Metadata"/> has the same content.</summary>
    public bool Equals(StoredEntry? other) => other is not null && TimestampNs == other.TimestampNs && Line == other.Line && Metadata == other.Metadata;

    public override int GetHashCode() => HashCode.Combine(TimestampNs, Line, Metadata);
}
