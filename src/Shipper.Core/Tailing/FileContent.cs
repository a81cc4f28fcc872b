using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Tailing;

/// <summary>What a look at a file tells of its content. Its first bytes decide if it is compressed, not its name.</summary>
/// <param name="IsGzip">True if it is compressed.</param>
/// <param name="HeadBytes">Bytes that <see cref="HeadOf"/> has.</param>
/// <param name="Start">Where the content begins, behind any NULs.</param>
/// <param name="Size">Bytes of uncompressed content, as far as can be told.</param>
/// <param name="Compression">What it is compressed with that can't be read; null if it can.</param>
internal readonly record struct FileContent(bool IsGzip, int HeadBytes, long Start, long Size, string? Compression)
{
    // As many bytes as say if a file is compressed.
    private const int MagicBytes = 3;

    /// <summary>Looks at a file.</summary>
    /// <param name="handle">The file.</param>
    /// <param name="status">What it is like.</param>
    /// <param name="head">Gets its first bytes: <see cref="FileIdentity.MaxLength"/> of them.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    public static FileContent Look(SafeFileHandle handle, FileStatus status, Span<byte> head)
    {
        int raw = RandomAccess.Read(handle, head, 0);
        if (!GzipMembers.IsGzip(head[..raw]))
        {
            long start = 0;
            string? compression = FindCompression(head[..raw]);
            return new FileContent(IsGzip: false, FileHead.Read(handle, head, ref start), start, status.Size, compression);
        }

        long size = GzipContent.ReadSize(handle, status.Size);
        int length = GzipContent.ReadHead(handle, head, out GzipEnd end);
        return length > 0 || end == GzipEnd.Complete
            ? new FileContent(IsGzip: true, length, Start: 0, size, Compression: null)
            : new FileContent(IsGzip: true, RandomAccess.Read(handle, head, 0), Start: 0, size, Compression: null) { HasNoContent = true };
    }

    /// <summary>True if nothing can be decompressed. The first bytes are those of the file then, so that it is recognised all the same.</summary>
    public bool HasNoContent { get; private init; }

    /// <summary>True if there is not enough of a compressed file yet to tell what it holds.</summary>
    public bool IsVague(GenerationName name) => IsGzip ? HasNoContent : name.IsGzip && Size < MagicBytes;

    /// <summary>The first bytes of the content.</summary>
    /// <param name="head">What <see cref="Look"/> was given.</param>
    public ReadOnlySpan<byte> HeadOf(ReadOnlySpan<byte> head) => head[..HeadBytes];

    /// <summary>Lets a generation read it.</summary>
    public void AttachTo(Generation generation, SafeFileHandle handle, FileStatus status)
    {
        generation.Attach(handle, status, IsGzip, Size);
        generation.Start = Start;
    }

    private static string? FindCompression(ReadOnlySpan<byte> head) => head switch
    {
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "zstd",
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => "xz",
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => "bzip2",
        [0x04, 0x22, 0x4D, 0x18, ..] => "lz4",
        _ => null,
    };
}
