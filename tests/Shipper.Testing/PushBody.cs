using Shipper.Protocol;
using Snappier;

namespace Shipper.Testing;

/// <summary>Decodes a push as Loki does, with the generated classes.</summary>
public static class PushBody
{
    /// <summary>Decompresses and parses a request.</summary>
    public static PushRequest Read(ReadOnlySpan<byte> compressed) => PushRequest.Parser.ParseFrom(Snappy.DecompressToArray(compressed));
}
