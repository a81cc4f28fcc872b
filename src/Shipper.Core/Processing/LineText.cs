using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Shipper.Processing;

/// <summary>
/// Makes of a line's bytes what Loki stores unchanged: valid UTF-8 within the largest line size. Loki accepts invalid UTF-8
/// but answers queries with U+FFFD in its place, so that what is read back would differ from what was sent.
/// </summary>
/// <remarks>Not safe for concurrent use: each lane has its own scratch buffer.</remarks>
/// <param name="capacity">The largest line size of any source, in bytes.</param>
internal sealed class LineText(int capacity)
{
    /// <summary>The smallest line size that the marker leaves room in.</summary>
    public const int MinLineBytes = 256;

    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(capacity);

    private static ReadOnlySpan<byte> MarkerStart => "…[truncated "u8;

    private static ReadOnlySpan<byte> MarkerEnd => " bytes]"u8;

    /// <summary>
    /// Replaces invalid UTF-8 by U+FFFD, one for each maximal invalid sequence, and cuts what is longer than
    /// <paramref name="maxBytes"/> between two characters, with the marker <c>…[truncated N bytes]</c> behind it.
    /// </summary>
    /// <param name="text">The line, or its beginning.</param>
    /// <param name="isAscii">True where all of it is known to be ASCII.</param>
    /// <param name="length">Bytes of the whole line; those that <paramref name="text"/> lacks are cut off.</param>
    /// <param name="maxBytes">The largest result, marker included; at least <see cref="MinLineBytes"/>.</param>
    /// <param name="truncatedBytes">Bytes of the original that are not in the result.</param>
    /// <returns>The given bytes where nothing had to change, else a view of the scratch buffer.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Prepare(ReadOnlySpan<byte> text, bool isAscii, long length, int maxBytes, out long truncatedBytes)
    {
        truncatedBytes = 0;
        return length <= maxBytes && (isAscii || Utf8.IsValid(text)) ? text : Change(text, length, maxBytes, out truncatedBytes);
    }

    private ReadOnlySpan<byte> Change(ReadOnlySpan<byte> text, long length, int maxBytes, out long truncatedBytes)
    {
        truncatedBytes = 0;
        int written = Replace(text, length > text.Length, maxBytes, out int taken);
        if (taken == length)
        {
            return _scratch.AsSpan(0, written);
        }

        // N has at most as many digits as the line's length.
        int markerLength = MarkerStart.Length + CountDigits(length) + MarkerEnd.Length;
        written = Replace(text, isCut: true, maxBytes - markerLength, out taken);
        truncatedBytes = length - taken;

        Span<byte> marker = _scratch.AsSpan(written);
        MarkerStart.CopyTo(marker);
        truncatedBytes.TryFormat(marker[MarkerStart.Length..], out int digits, default, CultureInfo.InvariantCulture);
        MarkerEnd.CopyTo(marker[(MarkerStart.Length + digits)..]);
        return _scratch.AsSpan(0, written + MarkerStart.Length + digits + MarkerEnd.Length);
    }

    /// <summary>Writes as many whole characters to the scratch buffer as fit.</summary>
    /// <param name="text">The bytes.</param>
    /// <param name="isCut">True where more bytes follow, so that an unfinished character at the end is not an invalid one.</param>
    /// <param name="limit">The most bytes to write.</param>
    /// <param name="taken">Bytes of <paramref name="text"/> that were used.</param>
    /// <returns>Bytes written.</returns>
    private int Replace(ReadOnlySpan<byte> text, bool isCut, int limit, out int taken)
    {
        int written = 0;
        taken = 0;
        while (taken < text.Length && written < limit)
        {
            if (text[taken] < 0x80)
            {
                _scratch[written++] = text[taken++];
                continue;
            }

            System.Buffers.OperationStatus status = Rune.DecodeFromUtf8(text[taken..], out Rune rune, out int consumed);
            if ((status == System.Buffers.OperationStatus.NeedMoreData && isCut)
                || written + rune.Utf8SequenceLength > limit)
            {
                break;
            }

            written += rune.EncodeToUtf8(_scratch.AsSpan(written));
            taken += consumed;
        }

        return written;
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
