namespace Shipper.Benchmarks.Receiving;

/// <summary>A set of small numbers, stored as one bit each. Not thread-safe.</summary>
internal sealed class NumberSet
{
    private ulong[] _bits = new ulong[16];

    public bool Add(long number)
    {
        int word = (int)(number >> 6);
        if (word >= _bits.Length)
        {
            Array.Resize(ref _bits, Math.Max(word + 1, _bits.Length * 2));
        }

        ulong bit = 1UL << (int)(number & 63);
        bool isNew = (_bits[word] & bit) == 0;
        _bits[word] |= bit;
        return isNew;
    }

    public bool Contains(long number) => (number >> 6) < _bits.Length && (_bits[number >> 6] & (1UL << (int)(number & 63))) != 0;
}
