using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Content;

/// <summary>
/// Decompresses a gzip file from its start, RFC 1952: <c>file = 1*member *NUL; member = header deflated trailer</c>. Unlike <see cref="GZipStream"/>, returns
/// every byte before a damaged place, and distinguishes a file that was cut off from a complete one.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="handle">The open file. It is not closed here.</param>
internal sealed class GzipDecompressor(SafeFileHandle handle) : IDisposable
{
    /// <summary>Number of leading bytes that show whether a file is compressed.</summary>
    public const int MagicBytes = 3;

    private const int HeaderBytes = 10;
    private const int TrailerBytes = 8;

    private const int FlagHeaderChecksum = 2;
    private const int FlagExtra = 4;
    private const int FlagName = 8;
    private const int FlagComment = 16;
    private const int FlagsReserved = 0xE0;

    /// <summary>Upper bound of the bytes that <see cref="DeflateStream"/> reads beyond the end of its data: its buffer has 8 KiB.</summary>
    private const int ReadAheadBytes = 16 * 1024;

    private readonly Crc32 _checksum = new();
    private HandleStream? _input;
    private DeflateStream? _deflate;
    private byte[]? _read;

    // Offset of the current member in the file, offset of its data, and number of content bytes read from it.
    private long _start;
    private long _dataStart;
    private long _memberBytes;
    private bool _isFirst = true;

    // Set once damage is found. The content before the damage is then read byte by byte.
    private string? _damage;

    /// <summary>Number of content bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Approximate number of bytes read from the file so far.</summary>
    public long FileBytes => _input?.Position ?? _start;

    /// <summary>Why reading ended.</summary>
    public GzipEnd End { get; private set; }

    /// <summary>Describes <see cref="End"/> for messages.</summary>
    public string Problem => End switch
    {
        GzipEnd.Cut => _damage ?? "it ends in the middle",
        GzipEnd.Garbage => "data that is not compressed follows",
        _ => _damage ?? "",
    };

    // Two bytes that name the format, and its only compression method.
    private static ReadOnlySpan<byte> Magic => [0x1F, 0x8B, 8];

    /// <summary>Returns true if a file that begins with these bytes is a gzip file.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> head) => head.StartsWith(Magic);

    /// <summary>Reads the next bytes of the content.</summary>
    /// <returns>The number of bytes; 0 at the end, which <see cref="End"/> describes.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public int Read(Span<byte> target)
    {
        while (End == GzipEnd.None && (_deflate is not null || TryBeginMember()))
        {
            int length = Inflate(target);
            if (length > 0)
            {
                _checksum.Append(target[..length]);
                _memberBytes += length;
                Position += length;
                return length;
            }

            if (End == GzipEnd.None)
            {
                EndMember();
            }
        }

        return 0;
    }

    public void Dispose()
    {
        _deflate?.Dispose();
        _input?.Dispose();
    }

    private int Inflate(Span<byte> target)
    {
        if (_damage is null)
        {
            try
            {
                return _deflate!.Read(target);
            }
            catch (InvalidDataException e)
            {
                _damage = e.MessageWithoutPeriod();
                Rewind();
            }
        }

        // A read that encounters damage returns nothing, so read the rest byte by byte.
        int length = 0;
        try
        {
            while (length < target.Length && _deflate!.Read(target.Slice(length, 1)) > 0)
            {
                length++;
            }
        }
        catch (InvalidDataException)
        {
            End = length == 0 ? GzipEnd.Damaged : GzipEnd.None;
        }

        return length;
    }

    /// <summary>Decompresses the member again, up to the end of the content that was already returned.</summary>
    private void Rewind()
    {
        OpenData();
        Span<byte> skipped = stackalloc byte[1024];
        for (long left = _memberBytes; left > 0;)
        {
            int length = _deflate!.Read(skipped[..(int)Math.Min(skipped.Length, left)]);
            left = length == 0 ? 0 : left - length;
        }
    }

    private void OpenData()
    {
        _deflate?.Dispose();
        _input = new HandleStream(handle, _dataStart);
        _deflate = new DeflateStream(_input, CompressionMode.Decompress);
    }

    /// <summary>Finds the next member, after any padding.</summary>
    /// <returns>False if there is no next member; <see cref="End"/> gives the reason.</returns>
    private bool TryBeginMember()
    {
        if (!_isFirst && !NulBytes.TryFindNonNul(handle, _start, out _start))
        {
            return Stop(GzipEnd.Complete);
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        int length = RandomAccess.Read(handle, header, _start);
        if (!IsGzip(header) && (length >= MagicBytes || !Magic.StartsWith(header[..length])))
        {
            return Stop(_isFirst ? GzipEnd.Damaged : GzipEnd.Garbage, "it is not compressed");
        }

        int flags = header[3];
        if (length == HeaderBytes && (flags & FlagsReserved) != 0)
        {
            return Stop(GzipEnd.Damaged, "its header has unknown flags");
        }

        if (length < HeaderBytes || !TryFindData(flags))
        {
            return Stop(GzipEnd.Cut);
        }

        _isFirst = false;
        _memberBytes = 0;
        _checksum.Reset();
        OpenData();
        return true;
    }

    /// <summary>Skips the header: <c>header = 10OCTET [length extra] [name NUL] [comment NUL] [checksum]</c>.</summary>
    /// <returns>False if the file ends within the header.</returns>
    private bool TryFindData(int flags)
    {
        _dataStart = _start + HeaderBytes;
        if ((flags & FlagExtra) != 0)
        {
            Span<byte> extra = stackalloc byte[sizeof(ushort)];
            if (RandomAccess.Read(handle, extra, _dataStart) < extra.Length)
            {
                return false;
            }

            _dataStart += extra.Length + BinaryPrimitives.ReadUInt16LittleEndian(extra);
        }

        if (((flags & FlagName) != 0 && !TrySkipText()) || ((flags & FlagComment) != 0 && !TrySkipText()))
        {
            return false;
        }

        _dataStart += (flags & FlagHeaderChecksum) != 0 ? sizeof(ushort) : 0;
        return true;
    }

    private bool TrySkipText()
    {
        Span<byte> text = stackalloc byte[256];
        for (int length; (length = RandomAccess.Read(handle, text, _dataStart)) > 0; _dataStart += length)
        {
            int end = text[..length].IndexOf((byte)0);
            if (end >= 0)
            {
                _dataStart += end + 1;
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Finds the trailer: <c>CRC32 ISIZE</c>, eight bytes with values that are known by now. <see cref="DeflateStream"/> does not report where its data ended,
    /// but can't have read far beyond that.
    /// </summary>
    private void EndMember()
    {
        if (!_input!.HasEnded)
        {
            Span<byte> trailer = stackalloc byte[TrailerBytes];
            BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.GetCurrentHashAsUInt32());
            BinaryPrimitives.WriteUInt32LittleEndian(trailer[sizeof(uint)..], unchecked((uint)_memberBytes));
            byte[] read = _read ??= new byte[ReadAheadBytes + TrailerBytes];
            long from = Math.Max(_dataStart, _input.Position - ReadAheadBytes);
            int length = RandomAccess.Read(handle, read, from);
            int found = read.AsSpan(0, length).IndexOf(trailer);
            if (found >= 0)
            {
                _start = from + found + TrailerBytes;
                _deflate!.Dispose();
                _deflate = null;
                return;
            }

            if (length == read.Length)
            {
                Stop(GzipEnd.Damaged, "its checksum is wrong");
                return;
            }

            _damage = "its end is missing, or its checksum is wrong";
        }

        Stop(GzipEnd.Cut);
    }

    private bool Stop(GzipEnd end, string? damage = null)
    {
        End = end;
        _damage ??= damage;
        return false;
    }
}
