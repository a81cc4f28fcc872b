using System.IO.Compression;
using Snappier;
using ZstdSharp;

namespace Shipper.Benchmarks.Receiving;

/// <summary>Decompresses what agents send. It detects the format from the content if it can, because not every agent declares it.</summary>
internal static class Compression
{
    private const int PieceBytes = 1 << 18;

    public static void Uncompress(PooledBytes body, bool isProtobuf, PooledBytes to)
    {
        switch (body.Span)
        {
            case [0x1f, 0x8b, ..]:
                using (var gzip = new GZipStream(body.AsStream(), CompressionMode.Decompress))
                {
                    Copy(gzip, to);
                }

                break;
            case [0x28, 0xb5, 0x2f, 0xfd, ..]:
                using (var zstd = new DecompressionStream(body.AsStream()))
                {
                    Copy(zstd, to);
                }

                break;
            default:
                Span<byte> room = to.GetRoom(isProtobuf ? Snappy.GetUncompressedLength(body.Span) : body.Length).Span;
                if (isProtobuf)
                {
                    to.Advance(Snappy.Decompress(body.Span, room));
                }
                else
                {
                    body.Span.CopyTo(room);
                    to.Advance(body.Length);
                }

                break;
        }
    }

    private static void Copy(Stream from, PooledBytes to)
    {
        for (int read; (read = from.Read(to.GetRoom(PieceBytes).Span)) > 0;)
        {
            to.Advance(read);
        }
    }
}
