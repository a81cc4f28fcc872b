namespace Shipper.Loki;

/// <summary>Receives the content of a response to a query while it is read.</summary>
internal interface IEntryVisitor
{
    /// <summary>Begins a stream: the entries that follow have these labels, structured metadata included.</summary>
    void BeginStream(IReadOnlyDictionary<string, string> labels);

    /// <summary>Receives an entry.</summary>
    /// <param name="timestampNs">Its time, in nanoseconds since 1970.</param>
    /// <param name="line">Its line in UTF-8.</param>
    void Visit(long timestampNs, ReadOnlySpan<byte> line);
}
