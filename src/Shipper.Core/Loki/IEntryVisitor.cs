namespace Shipper.Loki;

/// <summary>Is given what an answer to a query holds, while it is read.</summary>
internal interface IEntryVisitor
{
    /// <summary>The entries that follow have these labels, structured metadata among them.</summary>
    void BeginStream(IReadOnlyDictionary<string, string> labels);

    /// <summary>An entry.</summary>
    /// <param name="timestampNs">Its time, in nanoseconds since 1970.</param>
    /// <param name="line">Its line in UTF-8.</param>
    void Visit(long timestampNs, ReadOnlySpan<byte> line);
}
