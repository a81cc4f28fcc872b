using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// Converts a line to bytes that Loki stores unchanged: valid UTF-8 within the maximum line size. Loki accepts invalid UTF-8, but answers queries with U+FFFD
/// in its place, so the text in a query result would differ from the text that was sent.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own scratch buffer.</remarks>
/// <param name="capacity">The largest maximum line size of any source, in bytes.</param>
internal sealed class LineSanitizer(int capacity)
{
    /// <summary>Smallest maximum line size that has room for the marker, in bytes.</summary>
    public const int MinLineBytes = 256;

    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(capacity);

    private static ReadOnlySpan<byte> MarkerStart => "…[truncated "u8;

    private static ReadOnlySpan<byte> MarkerEnd => " bytes]"u8;

    /// <summary>
    /// Replaces each maximal invalid UTF-8 sequence with U+FFFD. If a line is longer than <paramref name="maxBytes"/>, truncates it between two characters
    /// and appends the marker <c>…[truncated N bytes]</c>.
    /// </summary>
    /// <param name="text">The line, or its beginning.</param>
    /// <param name="isAscii">True if the text is known to be ASCII only.</param>
    /// <param name="length">Length of the whole line in bytes. Bytes that <paramref name="text"/> does not contain count as truncated.</param>
    /// <param name="maxBytes">Maximum length of the result, including the marker; at least <see cref="MinLineBytes"/>.</param>
    /// <param name="truncatedBytes">Number of bytes of the original that are not in the result.</param>
    /// <returns>The text itself if nothing had to change, otherwise a view of the scratch buffer.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Prepare(ReadOnlySpan<byte> text, bool isAscii, long length, int maxBytes, out long truncatedBytes)
    {
        truncatedBytes = 0;
        return length <= maxBytes && (isAscii || Utf8.IsValid(text)) ? text : Change(text, length, maxBytes, out truncatedBytes);
    }

    /// <summary>Writes the marker <c>…[truncated N bytes]</c>.</summary>
    /// <returns>The number of bytes written; at most 42.</returns>
    public static int WriteMarker(Span<byte> target, long truncatedBytes)
    {
        MarkerStart.CopyTo(target);
        truncatedBytes.TryFormat(target[MarkerStart.Length..], out int digits, default, CultureInfo.InvariantCulture);
        MarkerEnd.CopyTo(target[(MarkerStart.Length + digits)..]);
        return MarkerStart.Length + digits + MarkerEnd.Length;
    }

    private ReadOnlySpan<byte> Change(ReadOnlySpan<byte> text, long length, int maxBytes, out long truncatedBytes)
    {
        truncatedBytes = 0;
        int written = Utf8Text.Cut(text, hasMore: length > text.Length, _scratch.AsSpan(0, maxBytes), out int taken);
        if (taken == length)
        {
            return _scratch.AsSpan(0, written);
        }

        // N has at most as many digits as the length of the line.
        int markerLength = MarkerStart.Length + CountDigits(length) + MarkerEnd.Length;
        written = Utf8Text.Cut(text, hasMore: true, _scratch.AsSpan(0, maxBytes - markerLength), out taken);
        truncatedBytes = length - taken;

        return _scratch.AsSpan(0, written + WriteMarker(_scratch.AsSpan(written), truncatedBytes));
    }

    private static int CountDigits(long value)
    {
        int digits = 1;
        for (; value >= 10; value /= 10)
        {
            digits++;
        }

        return digits;
    }
}
