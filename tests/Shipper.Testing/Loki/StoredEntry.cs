namespace Shipper.Testing.Loki;

/// <summary>An entry in the double's store.</summary>
/// <param name="TimestampNs">Nanoseconds since 1970.</param>
/// <param name="Line">The line.</param>
/// <param name="Metadata">Structured metadata as <c>name=value</c>, in the order sent.</param>
public sealed record StoredEntry(long TimestampNs, string Line, string Metadata);
