using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Shipper.Native;
using Shipper.Records;

namespace Shipper.Content;

/// <summary>
/// Reads the uncompressed content of a gzip file at increasing offsets. Reading at a smaller offset, or switching back from another file, decompresses the
/// file from the start again. Each lane has one instance.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class GzipContent : IDisposable
{
    // RFC 1952: at least ten bytes of header and eight of trailer.
    private const int MinFileBytes = 18;

    // Deflate compresses by a factor of at most 1032: https://zlib.net/zlib_tech.html.
    private const long MaxRatio = 1032;

    /// <summary>If a compressed file has not grown for this long, it is assumed to be complete.</summary>
    public static readonly TimeSpan MaxWriteGap = TimeSpan.FromSeconds(30);

    private readonly byte[] _skipped = GC.AllocateUninitializedArray<byte>(16 * 1024);
    private SafeFileHandle? _handle;
    private GzipDecompressor? _members;

    /// <summary>Why reading ended.</summary>
    public GzipEnd End => _members?.End ?? GzipEnd.None;

    /// <summary>Describes <see cref="End"/> for messages.</summary>
    public string Problem => _members?.Problem ?? "";

    /// <summary>Offset at which the content ended, or number of bytes read so far.</summary>
    public long Position => _members?.Position ?? 0;

    /// <summary>
    /// Reads the size in the file's trailer (RFC 1952, ISIZE): the length of the content modulo 2^32. If the file has several members, this is the size of
    /// the last one.
    /// </summary>
    /// <returns>0 if the file has no trailer, or is too short for the claimed size, so that its last bytes are something else.</returns>
    public static long ReadSize(SafeFileHandle handle, long fileBytes)
    {
        Span<byte> trailer = stackalloc byte[sizeof(uint)];
        long size = fileBytes >= MinFileBytes && RandomAccess.Read(handle, trailer, fileBytes - trailer.Length) == trailer.Length
            ? BinaryPrimitives.ReadUInt32LittleEndian(trailer)
            : 0;
        return size <= fileBytes * MaxRatio ? size : 0;
    }

    /// <summary>Returns true if a file was written to within <see cref="MaxWriteGap"/>, so that its missing part may still be written.</summary>
    public static bool MayBeUnfinished(FileStatus status, TimeProvider time) =>
        Math.Abs(time.GetUnixNanoseconds() - status.ModifiedNs) < MaxWriteGap.TotalNanoseconds;

    /// <summary>Reads the checksum in the file's trailer (RFC 1952, CRC32). If the file has several members, this is the checksum of the last one.</summary>
    /// <returns>Null if the file is too short to have a trailer.</returns>
    public static uint? ReadChecksum(SafeFileHandle handle, long fileBytes)
    {
        Span<byte> trailer = stackalloc byte[2 * sizeof(uint)];
        return fileBytes >= MinFileBytes && RandomAccess.Read(handle, trailer, fileBytes - trailer.Length) == trailer.Length ? BinaryPrimitives.ReadUInt32LittleEndian(trailer) : null;
    }

    /// <summary>Reads the first bytes of a file's content, as <see cref="FileHead"/> does for a plain file.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="head">Receives the bytes.</param>
    /// <param name="end">Why reading ended, if the content is shorter than the buffer.</param>
    /// <returns>The number of bytes, without the NULs at their end.</returns>
    public static int ReadHead(SafeFileHandle handle, Span<byte> head, out GzipEnd end)
    {
        using var members = new GzipDecompressor(handle);
        int length = 0;
        for (int read; length < head.Length && (read = members.Read(head[length..])) > 0;)
        {
            length += read;
            int nuls = head[..length].IndexOfAnyExcept((byte)0);
            nuls = nuls < 0 ? length : nuls;
            head[nuls..length].CopyTo(head);
            length -= nuls;
        }

        end = members.End;
        return FileHead.LengthWithoutTrailingNuls(head[..length]);
    }

    /// <summary>Reads content at an offset.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="target">Receives the bytes.</param>
    /// <param name="offset">Offset in the content.</param>
    /// <param name="passed">Number of bytes that were decompressed only to reach the offset.</param>
    /// <returns>The number of bytes; 0 at the end, which <see cref="End"/> describes.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public int Read(SafeFileHandle handle, Span<byte> target, long offset, out long passed)
    {
        passed = 0;
        if (_members is null || _handle != handle || _members.Position > offset)
        {
            Close();
            _handle = handle;
            _members = new GzipDecompressor(handle);
        }

        while (_members.Position < offset)
        {
            int skipped = _members.Read(_skipped.AsSpan(0, (int)Math.Min(_skipped.Length, offset - _members.Position)));
            if (skipped == 0)
            {
                return 0;
            }

            passed += skipped;
        }

        return _members.Read(target);
    }

    /// <summary>Estimates how many bytes of content are missing, assuming the same compression ratio for the rest of the file.</summary>
    /// <returns>At least 1, because it is unknown how much was cut off.</returns>
    public long EstimateMissing(long fileBytes) =>
        _members is { FileBytes: > 0 } members ? Math.Max(1, (long)((fileBytes - members.FileBytes) * ((double)members.Position / members.FileBytes))) : 1;

    /// <summary>Forgets the file.</summary>
    public void Close()
    {
        _members?.Dispose();
        _members = null;
        _handle = null;
    }

    public void Dispose() => Close();
}
