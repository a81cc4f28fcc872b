using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Content;

/// <summary>What a look at a file tells of its content. Its first bytes decide if it is compressed, not its name.</summary>
/// <param name="Compression">How the file is compressed.</param>
/// <param name="HeadBytes">Bytes that <see cref="HeadOf"/> has.</param>
/// <param name="Start">Where the content begins, behind any NULs.</param>
/// <param name="Size">Bytes of uncompressed content, as far as can be told.</param>
internal readonly record struct FileContent(FileCompression Compression, int HeadBytes, long Start, long Size)
{
    /// <summary>True if the file is compressed and can be read.</summary>
    public bool IsGzip => Compression == FileCompression.Gzip;

    /// <summary>Looks at a file.</summary>
    /// <param name="handle">The file.</param>
    /// <param name="status">What it is like.</param>
    /// <param name="head">Gets its first bytes: <see cref="FileIdentity.MaxLength"/> of them.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    public static FileContent Look(SafeFileHandle handle, FileStatus status, Span<byte> head)
    {
        int raw = RandomAccess.Read(handle, head, 0);
        FileCompression compression = CompressionOf(head[..raw]);
        if (compression != FileCompression.Gzip)
        {
            long start = 0;
            return new FileContent(compression, FileHead.Read(handle, head, ref start), start, status.Size);
        }

        long size = GzipContent.ReadSize(handle, status.Size);
        int length = GzipContent.ReadHead(handle, head, out GzipEnd end);
        return length > 0 || end == GzipEnd.Complete
            ? new FileContent(compression, length, Start: 0, size)
            : new FileContent(compression, RandomAccess.Read(handle, head, 0), Start: 0, size) { HasNoContent = true };
    }

    /// <summary>True if nothing can be decompressed. Then the head has the compressed bytes, so that the file is still recognised.</summary>
    public bool HasNoContent { get; private init; }

    /// <summary>True if there is not enough of a compressed file yet to tell what it holds.</summary>
    /// <param name="hasGzipName">True if the file's name says that it is compressed.</param>
    public bool IsVague(bool hasGzipName) => IsGzip ? HasNoContent : hasGzipName && Size < GzipMembers.MagicBytes;

    /// <summary>The first bytes of the content.</summary>
    /// <param name="head">What <see cref="Look"/> was given.</param>
    public ReadOnlySpan<byte> HeadOf(ReadOnlySpan<byte> head) => head[..HeadBytes];

    private static FileCompression CompressionOf(ReadOnlySpan<byte> head) => head switch
    {
        _ when GzipMembers.IsGzip(head) => FileCompression.Gzip,

        // zstd, xz, bzip2 and lz4.
        [0x28, 0xB5, 0x2F, 0xFD, ..]
            or [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..]
            or [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            or [0x04, 0x22, 0x4D, 0x18, ..] => FileCompression.Unknown,
        _ => FileCompression.None,
    };
}
