using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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
    private const ulong CaseBits = 0x2020202020202020;

    private readonly Slot[] _slots = new Slot[1 << SlotBits];

    /// <summary>Adds words. A table is at most half full, so a search ends soon.</summary>
    /// <param name="value">What <see cref="Find"/> returns for each of the words; not 0.</param>
    /// <param name="words">Words, separated by blanks.</param>
    public WordTable With(byte value, string words)
    {
        foreach (string word in words.Split(' '))
        {
            ulong start = Fold(Encoding.ASCII.GetBytes(word), out ulong end);
            int at = SlotOf(start, end);
            while (_slots[at].Value != 0)
            {
                at = (at + 1) & SlotMask;
            }

            _slots[at] = new Slot(start, end, word.Length, value);
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

        ulong start = Fold(word, out ulong end);
        Slot[] slots = _slots;
        for (int at = SlotOf(start, end); ; at = (at + 1) & SlotMask)
        {
            ref readonly Slot slot = ref slots[at];
            if (slot.Value == 0 || (slot.Start == start && slot.End == end && slot.Length == word.Length))
            {
                return slot.Value;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SlotOf(ulong start, ulong end) => (int)(((start ^ (end << 1)) * Multiplier) >> (64 - SlotBits));

    /// <summary>
    /// Makes two numbers of a word of 1 to 16 bytes, with all letters in lower case: its first and its last 8 bytes, which may overlap. Setting the bit
    /// makes no other byte a letter.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ReadOnlySpan<byte> word, out ulong end)
    {
        end = 0;
        int length = word.Length;
        if (length >= sizeof(ulong))
        {
            end = BinaryPrimitives.ReadUInt64LittleEndian(word[(length - sizeof(ulong))..]) | CaseBits;
            return BinaryPrimitives.ReadUInt64LittleEndian(word) | CaseBits;
        }

        if (length >= sizeof(uint))
        {
            ulong last = BinaryPrimitives.ReadUInt32LittleEndian(word[(length - sizeof(uint))..]);
            return BinaryPrimitives.ReadUInt32LittleEndian(word) | (last << 32) | CaseBits;
        }

        return word[0] | ((ulong)word[length >> 1] << 8) | ((ulong)word[length - 1] << 16) | CaseBits;
    }

    private readonly record struct Slot(ulong Start, ulong End, int Length, byte Value);
}
