using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Content;

/// <summary>
/// Proof of the content before a position. It distinguishes a file from others that start with the same bytes, such as logs with a heading. Most container
/// logs don't need it, because their first line begins with a time in nanoseconds.
/// </summary>
/// <param name="Offset">The position, in bytes of uncompressed content; 0 if there is no proof.</param>
/// <param name="Hash">XXH3 of the first <see cref="WindowBytes"/> bytes and of those right before the position.</param>
internal readonly record struct FileProof(long Offset, ulong Hash)
{
    /// <summary>Number of bytes that are hashed at each end.</summary>
    public const int WindowBytes = 4096;

    public bool IsKnown => Offset > 0;

    /// <summary>Computes the proof of the content before a position.</summary>
    /// <param name="handle">The open file, which must not be compressed.</param>
    /// <param name="offset">The position.</param>
    /// <param name="window">Buffer of <see cref="WindowBytes"/>. Receives the bytes before the position, and is shortened to them.</param>
    /// <returns>No proof if the file ends before the position.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static FileProof Of(SafeFileHandle handle, long offset, ref Span<byte> window)
    {
        window = window[..(int)Math.Min(WindowBytes, offset)];
        if (RandomAccess.Read(handle, window, 0) < window.Length)
        {
            return default;
        }

        ulong hash = XxHash3.HashToUInt64(window);
        return offset > WindowBytes && RandomAccess.Read(handle, window, offset - WindowBytes) < WindowBytes ? default
            : new FileProof(offset, offset > WindowBytes ? XxHash3.HashToUInt64(window, (long)hash) : hash);
    }

    /// <summary>Returns true if a file has the same content before the proof's position.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="isGzip">True if the file is compressed; then everything before the position is decompressed.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool Matches(SafeFileHandle handle, bool isGzip)
    {
        Span<byte> window = stackalloc byte[WindowBytes];
        return (isGzip ? OfGzip(handle, Offset, window) : Of(handle, Offset, ref window)) == this;
    }

    private static FileProof OfGzip(SafeFileHandle handle, long offset, Span<byte> window)
    {
        using var content = new GzipDecompressor(handle);
        window = window[..(int)Math.Min(WindowBytes, offset)];
        if (!TryFill(content, window))
        {
            return default;
        }

        ulong hash = XxHash3.HashToUInt64(window);
        for (long rest = offset - WindowBytes; rest > 0;)
        {
            // The window slides: its oldest bytes are dropped.
            int length = (int)Math.Min(rest, WindowBytes);
            window[length..].CopyTo(window);
            if (!TryFill(content, window[^length..]))
            {
                return default;
            }

            rest -= length;
            hash = rest == 0 ? XxHash3.HashToUInt64(window, (long)hash) : hash;
        }

        return new FileProof(offset, hash);
    }

    private static bool TryFill(GzipDecompressor content, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int read = content.Read(target);
            if (read == 0)
            {
                return false;
            }

            target = target[read..];
        }

        return true;
    }
}
