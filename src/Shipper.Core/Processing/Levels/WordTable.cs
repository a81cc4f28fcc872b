using System.Buffers.Binary;
using System.Text;

namespace Shipper.Processing.Levels;

/// <summary>A hash table of ASCII words of up to 16 bytes. It ignores case, and a search takes a few nanoseconds and allocates nothing.</summary>
internal sealed class WordTable
{
    private const int MaxWordBytes = 2 * sizeof(ulong);
    private const int SlotBits = 8;
    private const int SlotMask = (1 << SlotBits) - 1;

    // The golden ratio: multiplication spreads similar words over all slots.
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    // The bit in which letters of lower and upper case differ.
    private const ulong CaseBits = 0x2020202020202020;

    private readonly ulong[] _low = new ulong[1 << SlotBits];
    private readonly ulong[] _high = new ulong[1 << SlotBits];
    private readonly byte[] _values = new byte[1 << SlotBits];

    /// <summary>Adds a list of words. A table is at most half full, so a search ends soon.</summary>
    /// <param name="value">What <see cref="Find"/> returns for each of the words; not 0.</param>
    /// <param name="words">Words, separated by blanks.</param>
    public WordTable With(byte value, string words)
    {
        foreach (string word in words.Split(' '))
        {
            ReadOnlySpan<byte> bytes = Encoding.ASCII.GetBytes(word);
            (ulong low, ulong high) = Fold(bytes);
            int slot = SlotOf(low, high);
            while (_values[slot] != 0)
            {
                slot = (slot + 1) & SlotMask;
            }

            (_low[slot], _high[slot], _values[slot]) = (low, high, value);
        }

        return this;
    }

    /// <summary>Returns the value of a word; 0 if the table does not contain it.</summary>
    public byte Find(ReadOnlySpan<byte> word)
    {
        if ((uint)(word.Length - 1) >= MaxWordBytes)
        {
            return 0;
        }

        (ulong low, ulong high) = Fold(word);
        for (int slot = SlotOf(low, high); ; slot = (slot + 1) & SlotMask)
        {
            byte value = _values[slot];
            if (value == 0 || (_low[slot] == low && _high[slot] == high))
            {
                return value;
            }
        }
    }

    private static int SlotOf(ulong low, ulong high) => (int)(((low ^ (high << 1)) * Multiplier) >> (64 - SlotBits));

    /// <summary>
    /// Makes two numbers of a word of 1 to 16 bytes, with all letters in lower case. Setting the bit makes no other byte a letter, so different words have
    /// different numbers, except for bytes that no word contains.
    /// </summary>
    private static (ulong Low, ulong High) Fold(ReadOnlySpan<byte> word)
    {
        if (word.Length <= sizeof(ulong))
        {
            return (FoldShort(word), 0);
        }

        return (BinaryPrimitives.ReadUInt64LittleEndian(word) | CaseBits, FoldShort(word[sizeof(ulong)..]));
    }

    private static ulong FoldShort(ReadOnlySpan<byte> word)
    {
        // Reads overlap where the length is not a power of two. The overlapping bytes are equal, so a logical or keeps them.
        int length = word.Length;
        ulong bytes = length switch
        {
            >= sizeof(uint) => BinaryPrimitives.ReadUInt32LittleEndian(word) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(word[(length - sizeof(uint))..]) << (8 * (length - sizeof(uint)))),
            _ => word[0] | ((ulong)word[length >> 1] << (8 * (length >> 1))) | ((ulong)word[length - 1] << (8 * (length - 1))),
        };
        return bytes | (CaseBits >> (64 - (8 * length)));
    }
}
