using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Tailing;

/// <summary>
/// Reads the uncompressed content of a .gz file at growing offsets. Going back means inflating from the start
/// again, and so does coming back from another file: a lane has one.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class GzipContent : IDisposable
{
    // RFC 1952: ten bytes of header and eight of trailer at the least.
    private const int MinFileBytes = 18;

    // Deflate makes no less of its content than a 1032nd: https://zlib.net/zlib_tech.html.
    private const long MaxRatio = 1032;

    private readonly byte[] _skipped = GC.AllocateUninitializedArray<byte>(16 * 1024);
    private Generation? _generation;
    private SafeFileHandle? _handle;
    private GZipStream? _stream;
    private long _position;

    /// <summary>
    /// Reads the size that the file's trailer claims, RFC 1952 ISIZE: the length of the content modulo 2^32.
    /// </summary>
    /// <returns>0 where the file is too short for one, or for what it claims: something else stands at its end.</returns>
    public static long ReadSize(SafeFileHandle handle, long fileBytes)
    {
        long size = ReadTrailer(handle, fileBytes) ?? 0;
        return size <= fileBytes * MaxRatio ? size : 0;
    }

    /// <summary>Tells whether a file's trailer agrees with the content that was found in it.</summary>
    public static bool EndsWith(SafeFileHandle handle, long fileBytes, long contentBytes) =>
        ReadTrailer(handle, fileBytes) == unchecked((uint)contentBytes);

    /// <summary>Reads the beginning of a file's content.</summary>
    /// <returns>Bytes read; fewer than asked for at the end or where the file is damaged.</returns>
    public static int ReadHead(SafeFileHandle handle, Span<byte> head)
    {
        using var file = new HandleStream(handle);
        using var stream = new GZipStream(file, CompressionMode.Decompress);
        try
        {
            return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException)
        {
            return 0;
        }
    }

    /// <summary>Reads content from an offset on.</summary>
    /// <param name="generation">Whose content.</param>
    /// <param name="target">Gets the bytes.</param>
    /// <param name="offset">Where they begin.</param>
    /// <param name="passed">Bytes that were inflated to come there.</param>
    /// <returns>Bytes read; 0 at the end.</returns>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public int Read(Generation generation, Span<byte> target, long offset, out long passed)
    {
        passed = 0;
        if (_generation != generation || _handle != generation.Handle || _position > offset)
        {
            Close();
            _generation = generation;
            _handle = generation.Handle;
            _stream = new GZipStream(new HandleStream(generation.Handle!), CompressionMode.Decompress);
        }

        while (_position < offset)
        {
            int skipped = _stream!.Read(_skipped.AsSpan(0, (int)Math.Min(_skipped.Length, offset - _position)));
            if (skipped == 0)
            {
                return 0;
            }

            _position += skipped;
            passed += skipped;
        }

        int length = _stream!.Read(target);
        _position += length;
        return length;
    }

    /// <summary>Forgets the file.</summary>
    public void Close()
    {
        _stream?.Dispose();
        _stream = null;
        _generation = null;
        _handle = null;
        _position = 0;
    }

    public void Dispose() => Close();

    private static uint? ReadTrailer(SafeFileHandle handle, long fileBytes)
    {
        Span<byte> trailer = stackalloc byte[4];
        return fileBytes >= MinFileBytes && RandomAccess.Read(handle, trailer, fileBytes - trailer.Length) == trailer.Length
            ? BinaryPrimitives.ReadUInt32LittleEndian(trailer)
            : null;
    }
}
