using System.Text;
using Shipper.Loki;
using Snappier;

namespace Shipper.Core.Tests.Loki;

/// <summary>Another decoder must be able to read what the encoder writes.</summary>
public class SnappyEncoderTests
{
    private const int WindowBytes = 64 * 1024;

    private readonly SnappyEncoder _sut = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(47)]
    [InlineData(48)]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(61)]
    [InlineData(257)]
    [InlineData(WindowBytes - 1)]
    [InlineData(WindowBytes)]
    [InlineData(WindowBytes + 1)]
    [InlineData(20_000_000)]
    public void Compress_OneByteRepeated_CanBeReadBack(int length)
    {
        var source = new byte[length];
        Array.Fill(source, (byte)'a');

        int compressed = AssertRoundTrip(source);

        Assert.InRange(compressed, 0, 64 + (length / 20));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(59)]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(WindowBytes)]
    [InlineData(WindowBytes + 1)]
    [InlineData(20_000_000)]
    public void Compress_Noise_FitsAndCanBeReadBack(int length)
    {
        var source = new byte[length];
        new Random(length).NextBytes(source);

        AssertRoundTrip(source);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(2_047)]
    [InlineData(2_048)]
    [InlineData(WindowBytes - 1)]
    [InlineData(WindowBytes)]
    [InlineData(WindowBytes + 1)]
    [InlineData(2 * WindowBytes)]
    public void Compress_NoiseRepeatedAtADistance_UsesTheWindowAndCanBeReadBack(int distance)
    {
        var source = new byte[Math.Max(1_000, 4 * distance)];
        new Random(distance).NextBytes(source.AsSpan(0, distance));
        for (int i = distance; i < source.Length; i++)
        {
            source[i] = source[i - distance];
        }

        int compressed = AssertRoundTrip(source);

        Assert.Equal(distance < WindowBytes, compressed < source.Length / 2);
    }

    [Fact]
    public void Compress_LogLines_NeedsAtMost5PercentMoreThanTheReference()
    {
        var random = new Random(1);
        var text = new StringBuilder();
        for (int n = 0; n < 5_000; n++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{{\"level\":\"info\",\"seq\":{n},\"trace\":\"{random.NextInt64():x16}\",\"took_ms\":{random.Next(2_000)},\"path\":\"/api/v1/orders\"}}\n");
        }

        byte[] source = Encoding.UTF8.GetBytes(text.ToString());

        Assert.InRange(AssertRoundTrip(source), 1, (int)(1.05 * Snappy.CompressToArray(source).Length));
    }

    /// <summary>Noise and repetitions of earlier bytes, in pieces of all lengths and from all distances, so that tags of all kinds meet.</summary>
    [Fact]
    public void Compress_RandomMixture_CanBeReadBack()
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var source = new byte[random.Next(1, 1 << random.Next(4, 19))];
            for (int position = 0; position < source.Length;)
            {
                int length = Math.Min(source.Length - position, random.Next(1, 1 << random.Next(1, 10)));
                if (position == 0 || random.Next(3) == 0)
                {
                    random.NextBytes(source.AsSpan(position, length));
                }
                else
                {
                    int distance = random.Next(1, Math.Min(position, 1 << random.Next(1, 18)) + 1);
                    for (int i = 0; i < length; i++)
                    {
                        source[position + i] = source[position + i - distance];
                    }
                }

                position += length;
            }

            AssertRoundTrip(source, seed);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 47)]
    [InlineData(8, 100_000)]
    [InlineData(40, WindowBytes)]
    public void Append_Parts_FitAndCanBeReadBackAsOneBlock(int count, int length)
    {
        var random = new Random(length);
        var source = new byte[count * length];
        random.NextBytes(source.AsSpan(0, source.Length / 2));
        var target = new byte[SnappyEncoder.MaxCompressedLength(source.Length, count)];

        int written = SnappyEncoder.Begin(source.Length, target);
        for (int part = 0; part < count; part++)
        {
            written += _sut.Append(source.AsSpan(part * length, length), target.AsSpan(written));
        }

        Assert.Equal(source, Snappy.DecompressToArray(target.AsSpan(0, written)));
    }

    [Fact]
    public void Compress_TargetTooSmall_Throws()
    {
        var source = new byte[100];

        Assert.Throws<ArgumentOutOfRangeException>(() => _sut.Compress(source, new byte[SnappyEncoder.MaxCompressedLength(source.Length) - 1]));
    }

    /// <returns>The compressed length.</returns>
    private int AssertRoundTrip(byte[] source, int seed = 0)
    {
        // In an array of exactly the promised length between guard bytes, which must not be overwritten.
        const int Guard = 64;
        int room = SnappyEncoder.MaxCompressedLength(source.Length);
        var target = new byte[Guard + room + Guard];
        Array.Fill(target, (byte)0xA5);

        int length = _sut.Compress(source, target.AsSpan(Guard, room));

        Assert.True(target.AsSpan(0, Guard).IndexOfAnyExcept((byte)0xA5) < 0, $"seed {seed}: the encoder wrote before the buffer");
        Assert.True(target.AsSpan(Guard + room).IndexOfAnyExcept((byte)0xA5) < 0, $"seed {seed}: the encoder wrote past the buffer");
        Assert.True(Snappy.DecompressToArray(target.AsSpan(Guard, length)).AsSpan().SequenceEqual(source), $"seed {seed}: decompressing gives different bytes");
        return length;
    }
}
