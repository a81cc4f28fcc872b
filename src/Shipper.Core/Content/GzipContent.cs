using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Shipper.Native;
using Shipper.Records;

namespace Shipper.Content;

/// <summary>
/// Reads the uncompressed content of a gzip file at growing offsets. Going back means decompressing from the start
/// again, and so does coming back from another file: a lane has one.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class GzipContent : IDisposable
{
    // RFC 1952: ten bytes of header and eight of trailer at the least.
    private const int MinFileBytes = 18;

    // Deflate makes no less of its content than a 1032nd: https://zlib.net/zlib_tech.html.
    private const long MaxRatio = 1032;

    /// <summary>A compressed file that has not grown for this long is not written any more.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    private readonly byte[] _skipped = GC.AllocateUninitializedArray<byte>(16 * 1024);
    private SafeFileHandle? _handle;
    private GzipMembers? _members;

    /// <summary>What stopped reading.</summary>
    public GzipEnd End => _members?.End ?? GzipEnd.None;

    /// <summary>What <see cref="End"/> means, for messages.</summary>
    public string Problem => _members?.Problem ?? "";

    /// <summary>Where the content ended, or how much of it was read so far.</summary>
    public long Position => _members?.Position ?? 0;

    /// <summary>
    /// Reads the size that the file's trailer claims, RFC 1952 ISIZE: the length of the content modulo 2^32, or of its last member's.
    /// </summary>
    /// <returns>0 if the file is too short for one, or for what it claims: something else stands at its end.</returns>
    public static long ReadSize(SafeFileHandle handle, long fileBytes)
    {
        Span<byte> trailer = stackalloc byte[sizeof(uint)];
        long size = fileBytes >= MinFileBytes && RandomAccess.Read(handle, trailer, fileBytes - trailer.Length) == trailer.Length
            ? BinaryPrimitives.ReadUInt32LittleEndian(trailer)
            : 0;
        return size <= fileBytes * MaxRatio ? size : 0;
    }

    /// <summary>True if a file was written to within <see cref="MaxPause"/>: what it lacks may still come.</summary>
    public static bool MayBeUnfinished(FileStatus status, TimeProvider time) =>
        Math.Abs(time.GetUnixNanoseconds() - status.ModifiedNs) < MaxPause.TotalNanoseconds;

    /// <summary>Reads the checksum of the content that the file's trailer has, RFC 1952 CRC32: of its last member's.</summary>
    /// <returns>Null if the file is too short for one.</returns>
    public static uint? ReadChecksum(SafeFileHandle handle, long fileBytes)
    {
        Span<byte> trailer = stackalloc byte[2 * sizeof(uint)];
        return fileBytes >= MinFileBytes && RandomAccess.Read(handle, trailer, fileBytes - trailer.Length) == trailer.Length ? BinaryPrimitives.ReadUInt32LittleEndian(trailer) : null;
    }

    /// <summary>Reads the beginning of a file's content, as <see cref="FileHead"/> does for a plain file.</summary>
    /// <param name="handle">The file.</param>
    /// <param name="head">Gets the bytes.</param>
    /// <param name="end">What stopped reading, if there was less.</param>
    /// <returns>Bytes read.</returns>
    public static int ReadHead(SafeFileHandle handle, Span<byte> head, out GzipEnd end)
    {
        using var members = new GzipMembers(handle);
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
        return FileHead.WithoutNulsBehind(head[..length]);
    }

    /// <summary>Reads content from an offset on.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="target">Gets the bytes.</param>
    /// <param name="offset">Where they begin.</param>
    /// <param name="passed">Bytes that were decompressed to come there.</param>
    /// <returns>Bytes read; 0 at the end, which <see cref="End"/> describes.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public int Read(SafeFileHandle handle, Span<byte> target, long offset, out long passed)
    {
        passed = 0;
        if (_members is null || _handle != handle || _members.Position > offset)
        {
            Close();
            _handle = handle;
            _members = new GzipMembers(handle);
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

    /// <summary>Estimates how much content is missing, as if the rest of the file had the same ratio of compression.</summary>
    /// <returns>At least 1: what was cut off can't be measured.</returns>
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
