namespace Shipper.Records;

/// <summary>Names of structured metadata that a record may have already. Immutable and thread-safe.</summary>
/// <param name="names">At most 64 names.</param>
internal sealed class MetadataNames(byte[][] names)
{
    private const int Bits = 64;

    // A bit for each length, modulo 64. Most names differ in length from all of these.
    private readonly ulong _lengths = names.Aggregate(0UL, (bits, name) => bits | (1UL << (name.Length % Bits)));

    /// <summary>Finds which of the names the pairs have.</summary>
    /// <param name="encoded">Pairs, encoded by <see cref="EntryMetadata"/>.</param>
    /// <returns>The names that are there, as bits by their index.</returns>
    public ulong FindIn(ReadOnlySpan<byte> encoded)
    {
        ulong found = 0;
        while (!encoded.IsEmpty)
        {
            encoded = EntryMetadata.ReadName(encoded, out ReadOnlySpan<byte> name);
            if ((_lengths & (1UL << (name.Length % Bits))) != 0)
            {
                found |= Find(name);
            }
        }

        return found;
    }

    private ulong Find(ReadOnlySpan<byte> name)
    {
        ulong found = 0;
        for (int i = 0; i < names.Length; i++)
        {
            found |= name.SequenceEqual(names[i]) ? 1UL << i : 0;
        }

        return found;
    }
}
