using System.Text;
using Shipper.Records;

namespace Shipper.Taps;

/// <summary>Decodes structured metadata.</summary>
internal static class MetadataPairs
{
    /// <param name="encoded">Pairs, encoded by <see cref="EntryMetadata"/>.</param>
    public static List<KeyValuePair<string, string>> Decode(ReadOnlySpan<byte> encoded)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        while (!encoded.IsEmpty)
        {
            encoded = EntryMetadata.Read(encoded, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            pairs.Add(KeyValuePair.Create(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
        }

        return pairs;
    }
}
