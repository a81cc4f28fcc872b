using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Content;

/// <summary>What the beginning and the end of a file show about its content. The first bytes decide whether the file is compressed, not its name.</summary>
/// <param name="Compression">How the file is compressed.</param>
/// <param name="HeadBytes">Number of bytes that <see cref="HeadOf"/> returns.</param>
/// <param name="Start">Offset at which the content begins, after any NULs.</param>
/// <param name="Size">Bytes of uncompressed content; for a gzip file, the size that its trailer claims.</param>
internal readonly record struct FileContent(FileCompression Compression, int HeadBytes, long Start, long Size)
{
    /// <summary>True if the file is compressed and can be read.</summary>
    public bool IsGzip => Compression == FileCompression.Gzip;

    /// <summary>Inspects a file.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="status">The file's status.</param>
    /// <param name="head">
    /// Receives the first <see cref="FileIdentity.MaxLength"/> bytes of the content, or of the file if nothing can be decompressed.
    /// </param>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static FileContent Inspect(SafeFileHandle handle, FileStatus status, Span<byte> head)
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

    /// <summary>True if nothing can be decompressed. The head then has the compressed bytes, so that the file can still be recognized.</summary>
    public bool HasNoContent { get; private init; }

    /// <summary>Returns true if too little of a compressed file has been written to determine its content.</summary>
    /// <param name="hasGzipName">True if the file has a name like a gzip file's.</param>
    public bool IsInconclusive(bool hasGzipName) => IsGzip ? HasNoContent : hasGzipName && Size < GzipDecompressor.MagicBytes;

    /// <summary>Returns the first bytes of the content.</summary>
    /// <param name="head">The buffer that <see cref="Inspect"/> filled.</param>
    public ReadOnlySpan<byte> HeadOf(ReadOnlySpan<byte> head) => head[..HeadBytes];

    private static FileCompression CompressionOf(ReadOnlySpan<byte> head) => head switch
    {
        _ when GzipDecompressor.IsGzip(head) => FileCompression.Gzip,

        // zstd, xz, bzip2 and lz4.
        [0x28, 0xB5, 0x2F, 0xFD, ..]
            or [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..]
            or [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            or [0x04, 0x22, 0x4D, 0x18, ..] => FileCompression.Unsupported,
        _ => FileCompression.None,
    };
}
