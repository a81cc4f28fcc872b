using Shipper.Loki;
using Snappier;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// Any bytes, compressed as a whole and in parts, into a buffer of exactly the promised size between guard bytes: another decoder returns the same bytes, and
/// no guard byte is overwritten. The target itself builds repetitions further apart than the window.
/// </summary>
internal sealed class SnappyTarget : FuzzTarget
{
    private const int GuardBytes = 64;
    private const byte GuardByte = 0xA5;
    private const int MaxParts = 4;

    /// <summary>A copy reaches back less than 65,536 bytes.</summary>
    private const int MaxGapBytes = 70_000;

    /// <summary>One of this many inputs is also repeated at a distance, which takes longer.</summary>
    private const int FarInputs = 8;

    private readonly SnappyEncoder _sut = new();

    public override string Name => "snappy";

    public override IEnumerable<byte[]> Seeds => RecordedLines.Files.Concat([[], [0], new byte[4 * 1024]]);

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        new byte[6], new byte[64], new byte[300], "aaaaaa"u8.ToArray(), "abcdef"u8.ToArray(), "\"level\":\"info\","u8.ToArray(),
        "2026-11-23T01:21:26.123456789Z stdout F "u8.ToArray(), [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ];

    public override string Check(byte[] input)
    {
        Random random = RandomOf(input);
        byte[] whole = Compress(input, [input.Length]);
        Compress(input, Cut(input.Length, random));
        if (random.Next(FarInputs) == 0)
        {
            var gap = new byte[random.Next(MaxGapBytes)];
            random.NextBytes(gap);
            byte[] far = [.. input, .. gap, .. input];
            Compress(far, [far.Length]);
            Compress(far, Cut(far.Length, random));
        }

        return Describe(whole);
    }

    private byte[] Compress(byte[] source, List<int> parts)
    {
        int room = SnappyEncoder.MaxCompressedLength(source.Length, parts.Count);
        var target = new byte[GuardBytes + room + GuardBytes];
        Array.Fill(target, GuardByte);
        Span<byte> output = target.AsSpan(GuardBytes, room);

        int length;
        if (parts.Count == 1)
        {
            length = _sut.Compress(source, output);
        }
        else
        {
            length = SnappyEncoder.Begin(source.Length, output);
            int start = 0;
            foreach (int part in parts)
            {
                length += _sut.Append(source.AsSpan(start, part), output[length..]);
                start += part;
            }
        }

        Assert.InRange(length, 1, room);
        Assert.False(target.AsSpan(0, GuardBytes).ContainsAnyExcept(GuardByte), "the encoder wrote before the buffer");
        Assert.False(target.AsSpan(GuardBytes + room).ContainsAnyExcept(GuardByte), "the encoder wrote past the buffer");
        byte[] block = output[..length].ToArray();
        Assert.True(Snappy.DecompressToArray(block).AsSpan().SequenceEqual(source), "decompressing gives different bytes");
        return block;
    }

    private static List<int> Cut(int length, Random random)
    {
        var parts = new List<int>();
        for (int count = random.Next(2, MaxParts + 1); count > 1; count--)
        {
            int part = random.Next(length + 1);
            parts.Add(part);
            length -= part;
        }

        parts.Add(length);
        return parts;
    }

    /// <summary>Describes the kinds of elements in a block: literals with the length in the tag or after it, near and far copies.</summary>
    private static string Describe(ReadOnlySpan<byte> block)
    {
        const int MaxTagLength = 60;
        int position = 0;
        while (block[position++] >= 0x80)
        {
        }

        int shortLiterals = 0;
        int longLiterals = 0;
        int near = 0;
        int far = 0;
        while (position < block.Length)
        {
            byte tag = block[position++];
            switch (tag & 3)
            {
                case 0:
                    int length = (tag >> 2) + 1;
                    if (length > MaxTagLength)
                    {
                        int bytes = length - MaxTagLength;
                        length = 1;
                        for (int i = 0; i < bytes; i++)
                        {
                            length += block[position++] << (8 * i);
                        }

                        longLiterals++;
                    }
                    else
                    {
                        shortLiterals++;
                    }

                    position += length;
                    break;
                case 1:
                    near++;
                    position++;
                    break;
                default:
                    far++;
                    position += 2;
                    break;
            }
        }

        return $"{Magnitude(shortLiterals)} {Magnitude(longLiterals)} {Magnitude(near)} {Magnitude(far)}";
    }
}
