using System.IO.Compression;
using Shipper.Processing;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A compressed log file that is damaged, or is not compressed at all: reading it ends, regardless of its header. If .NET decompresses it without an error, the
/// records are those of the content, unless the end of the file is reported as damaged.
/// </summary>
internal sealed class GzipTarget : FuzzTarget, IDisposable
{
    private readonly LogFile _file = new();

    public override string Name => "gzip";

    public override IEnumerable<byte[]> Seeds => RecordedLines.Files.Select(Compress);

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], [0x1F, 0x8B, 8, 0x1F], [3, 0], [0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [1, 0, 0, 0xFF, 0xFF],
        Compress([]), Compress("2026-11-23T01:21:26.1Z stdout F more\n"u8.ToArray()), Compress(new byte[64 * 1024]),
    ];

    public override string Check(byte[] input)
    {
        if (input.Length == 0)
        {
            return "empty";
        }

        Random random = RandomOf(input);
        List<ReadRecord> records = _file.Read([input], isGzip: true, LongLineAction.Truncate, () => random.Next(3) == 0);
        if (Decompress(input) is not { } content)
        {
            Assert.True(_file.IsDamaged || HasBytesBeforeTrailer(input));
            return $"damaged {_file.IsDamaged} {Magnitude(records.Count)}";
        }

        // .NET reads no member after padding.
        List<ReadRecord> expected = new SimpleReader(LogFile.MaxLineBytes, LogFile.BufferBytes, LogFile.FirstNs, skipsLongLines: false).Read(content);
        bool isPadded = input.AsSpan().IndexOf(PaddedMember) >= 0;
        Assert.Equal(isPadded ? expected.SkipLast(1) : expected, isPadded ? records.Take(Math.Max(0, expected.Count - 1)) : records);
        return $"{_file.IsDamaged} {Magnitude(records.Count)} {Magnitude(content.Length)}";
    }

    private static ReadOnlySpan<byte> PaddedMember => [0, 0x1F, 0x8B, 8];

    public void Dispose() => _file.Dispose();

    public static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    /// <summary>The reader searches for the trailer, and finds it even after a few extra bytes.</summary>
    private static bool HasBytesBeforeTrailer(byte[] input)
    {
        for (int end = 0; end < input.Length; end++)
        {
            for (int added = 1; added <= 40 && end + added < input.Length; added++)
            {
                if (Decompress([.. input[..end], .. input[(end + added)..]]) is not null)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static byte[]? Decompress(byte[] input)
    {
        using var gzip = new GZipStream(new MemoryStream(input), CompressionMode.Decompress);
        using var content = new MemoryStream();
        try
        {
            gzip.CopyTo(content);
            return content.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
