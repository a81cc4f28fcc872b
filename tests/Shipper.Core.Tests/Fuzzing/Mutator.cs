using System.Globalization;
using System.Text;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>Turns an input into another one that still resembles it.</summary>
/// <remarks>The same seed gives the same inputs. Not thread-safe.</remarks>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words, int maxBytes)
{
    // Bytes at the limits of common comparisons and encodings.
    private static readonly byte[] Bytes = [0, 1, 9, 10, 13, 31, 32, 34, 39, 47, 48, 57, 58, 92, 123, 125, 127, 128, 191, 192, 224, 240, 244, 255];
    private static readonly string[] Numbers = ["0", "-1", "00", "1", "9", "60", "99", "127", "128", "255", "256", "65536", "2147483647", "2147483648", "999999999", "9223372036854775807", "18446744073709551616", "1e9", "0.1"];

    /// <summary>Changes an input at a few places.</summary>
    /// <param name="input">The input; not modified.</param>
    /// <param name="other">Another input, to take pieces from.</param>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        byte[] mutated = input;
        do
        {
            mutated = MutateOnce(mutated, other);
        }
        while (random.Next(2) == 0);
        return mutated.Length <= maxBytes ? mutated : mutated[..maxBytes];
    }

    private byte[] MutateOnce(byte[] input, byte[] other)
    {
        (int start, int end) = Range(input);
        int at = random.Next(input.Length + 1);
        switch (random.Next(16))
        {
            case 0:
                return Change(input, b => (byte)(b ^ (1 << random.Next(8))));
            case 1:
                return Change(input, _ => (byte)random.Next(256));
            case 2:
                return Change(input, _ => Bytes[random.Next(Bytes.Length)]);
            case 3:
                return [.. input[..start], .. input[end..]];
            case 4:
                return input[..at];
            case 5:
                return [.. input[..end], .. input[start..end], .. input[end..]];
            case 6:
                return Replace(input, at, at, Repeat(input[start..end]));
            case 7 or 8:
                return Replace(input, at, at, Word());
            case 9:
                return Replace(input, start, end, Word());
            case 10:
                return Replace(input, at, at, Repeat(Word()));
            case 11:
                (int from, int to) = Range(other);
                return Replace(input, start, end, other[from..to]);
            case 12:
                return [.. input[..at], .. other[random.Next(other.Length + 1)..]];
            case 13:
                return ChangeNumber(input);
            case 14:
                return ChangeLines(input);
            default:
                var inserted = new byte[random.Next(1, 9)];
                random.NextBytes(inserted);
                return Replace(input, at, at, inserted);
        }
    }

    private byte[] Word() => words[random.Next(words.Count)];

    /// <summary>Repeats a piece, sometimes often enough to cause an overflow or a very long run, if the target is prone to them.</summary>
    private byte[] Repeat(byte[] piece)
    {
        int most = Math.Max(1, maxBytes / Math.Max(1, piece.Length));
        int times = random.Next(4) == 0 ? random.Next(1, most + 1) : random.Next(1, Math.Min(most, 8) + 1);
        return [.. Enumerable.Repeat(piece, times).SelectMany(bytes => bytes)];
    }

    private static byte[] Replace(byte[] input, int start, int end, byte[] replacement) => [.. input[..start], .. replacement, .. input[end..]];

    private byte[] Change(byte[] input, Func<byte, byte> change)
    {
        byte[] changed = [.. input];
        if (changed.Length > 0)
        {
            int at = random.Next(changed.Length);
            changed[at] = change(changed[at]);
        }

        return changed;
    }

    private byte[] ChangeNumber(byte[] input)
    {
        int start = Array.FindIndex(input, random.Next(input.Length + 1), IsDigit);
        if (start < 0)
        {
            return input;
        }

        int end = Array.FindIndex(input, start, b => !IsDigit(b));
        end = end < 0 ? input.Length : end;
        string number = random.Next(3) == 0 ? random.NextInt64(1L << random.Next(1, 63)).ToString(CultureInfo.InvariantCulture) : Numbers[random.Next(Numbers.Length)];
        return Replace(input, start, end, Encoding.ASCII.GetBytes(number));

        static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';
    }

    /// <summary>Duplicates, removes or moves a line.</summary>
    private byte[] ChangeLines(byte[] input)
    {
        List<byte[]> lines = [.. Support.ByteArrays.Split(input, (byte)'\n')];
        byte[] line = lines[random.Next(lines.Count)];
        if (random.Next(3) > 0)
        {
            lines.Remove(line);
        }

        if (random.Next(3) > 0)
        {
            lines.Insert(random.Next(lines.Count + 1), line);
        }

        return [.. lines.SelectMany((text, i) => i == 0 ? text : [(byte)'\n', .. text])];
    }

    private (int Start, int End) Range(byte[] input)
    {
        int start = random.Next(input.Length + 1);
        int length = random.Next(3) == 0 ? random.Next(input.Length - start + 1) : random.Next(Math.Min(16, input.Length - start) + 1);
        return (start, start + length);
    }
}
