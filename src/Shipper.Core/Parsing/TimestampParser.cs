using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Shipper.Parsing;

/// <summary>
/// Parses the RFC 3339 timestamps of container logs. Consecutive lines usually have the same second, so the last second is kept and only the fraction is
/// parsed.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own instance.</remarks>
internal sealed class TimestampParser
{
    /// <summary>Length of <c>2006-01-02T15:04:05</c>.</summary>
    private const int SecondLength = 19;

    private const int MaxFractionDigits = 9;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int FirstYear = 1970;

    /// <summary>The last whole year that fits into 64 bits of nanoseconds since 1970.</summary>
    private const int LastYear = 2261;

    /// <summary>
    /// Length of <c>2006-01-02T15:04:05.123456789Z</c>. Nine of ten timestamps are this long, because their fraction does not end with a zero.
    /// </summary>
    private const int UsualLength = 30;

    // The last second that was parsed, as numbers of 8, 8 and 4 bytes. The last two overlap.
    private (ulong Date, ulong Time, uint End) _lastSecond = NumbersOf("1970-01-01T00:00:00"u8);
    private long _lastSecondNs;

    /// <summary>Parses the timestamp at the beginning of a text.</summary>
    /// <remarks>
    /// <c>YYYY-MM-DDTHH:MM:SS [ "." 1*DIGIT ] ( "Z" / ( "+" / "-" ) HH:MM )</c>. The runtime writes RFC3339Nano, without the
    /// trailing zeros of the fraction, in the time zone of the node. Digits after the ninth are ignored.
    /// </remarks>
    /// <param name="timestampNs">Nanoseconds since 1970.</param>
    /// <param name="length">Length of the timestamp in bytes.</param>
    /// <returns>False if the text does not begin with a timestamp of the years 1970 to 2261.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryParse(ReadOnlySpan<byte> text, out long timestampNs, out int length)
    {
        if (text.Length >= UsualLength && IsLastSecond(text) && text[SecondLength] == '.' && text[UsualLength - 1] == 'Z'
            && TryParseFraction(text.Slice(SecondLength + 1, MaxFractionDigits), out uint nanoseconds))
        {
            timestampNs = _lastSecondNs + nanoseconds;
            length = UsualLength;
            return true;
        }

        return TryParseAny(text, out timestampNs, out length);
    }

    private bool TryParseAny(ReadOnlySpan<byte> text, out long timestampNs, out int length)
    {
        timestampNs = 0;
        length = 0;
        if (text.Length <= SecondLength)
        {
            return false;
        }

        if (!IsLastSecond(text))
        {
            if (!TryParseSecond(text[..SecondLength], out long seconds))
            {
                return false;
            }

            _lastSecond = NumbersOf(text);
            _lastSecondNs = seconds * NanosecondsPerSecond;
        }

        timestampNs = _lastSecondNs;
        int position = SecondLength;
        if (text[position] == '.')
        {
            position++;
            int firstDigit = position;
            long fraction = 0;
            for (; position < text.Length && (uint)(text[position] - '0') <= 9; position++)
            {
                if (position - firstDigit < MaxFractionDigits)
                {
                    fraction = (fraction * 10) + (text[position] - '0');
                }
            }

            int digits = position - firstDigit;
            if (digits == 0)
            {
                return false;
            }

            for (; digits < MaxFractionDigits; digits++)
            {
                fraction *= 10;
            }

            timestampNs += fraction;
        }

        if (position < text.Length && text[position] == 'Z')
        {
            length = position + 1;
            return true;
        }

        return TryApplyOffset(text[position..], position, ref timestampNs, out length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsLastSecond(ReadOnlySpan<byte> text) => NumbersOf(text) == _lastSecond;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Date, ulong Time, uint End) NumbersOf(ReadOnlySpan<byte> text) => (
        BinaryPrimitives.ReadUInt64LittleEndian(text),
        BinaryPrimitives.ReadUInt64LittleEndian(text[sizeof(ulong)..]),
        BinaryPrimitives.ReadUInt32LittleEndian(text[(SecondLength - sizeof(uint))..]));

    /// <summary>
    /// Parses nine digits, eight of them together: neighbors are combined into numbers of two, four and eight digits. Source:
    /// https://kholdstare.github.io/technical/2020/05/26/faster-integer-parsing.html.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryParseFraction(ReadOnlySpan<byte> text, out uint value)
    {
        const ulong HighHalves = 0xF0F0F0F0F0F0F0F0;
        const ulong Zeros = 0x3030303030303030;
        const ulong Sixes = 0x0606060606060606;
        ulong digits = BinaryPrimitives.ReadUInt64LittleEndian(text);
        uint last = (uint)(text[^1] - '0');
        value = 0;
        if ((digits & HighHalves) != Zeros || ((digits + Sixes) & HighHalves) != Zeros || last > 9)
        {
            return false;
        }

        digits -= Zeros;
        digits = (digits * 10) + (digits >> 8);
        digits = (((digits & 0x000000FF000000FF) * 0x000F424000000064) + (((digits >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
        value = ((uint)digits * 10) + last;
        return true;
    }

    private static bool TryApplyOffset(ReadOnlySpan<byte> text, int position, ref long timestampNs, out int length)
    {
        const int OffsetLength = 6;
        length = 0;
        if (text.Length < OffsetLength || (text[0] != '+' && text[0] != '-') || text[3] != ':'
            || !TryParseDigits(text[1..3], out int hours) || !TryParseDigits(text[4..6], out int minutes)
            || hours > 23 || minutes > 59)
        {
            return false;
        }

        long offsetNs = ((hours * 60) + minutes) * 60 * NanosecondsPerSecond;
        timestampNs += text[0] == '+' ? -offsetNs : offsetNs;
        length = position + OffsetLength;
        return timestampNs >= 0;
    }

    private static bool TryParseSecond(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || !TryParseDigits(text[..4], out int year) || !TryParseDigits(text[5..7], out int month)
            || !TryParseDigits(text[8..10], out int day) || !TryParseDigits(text[11..13], out int hour)
            || !TryParseDigits(text[14..16], out int minute) || !TryParseDigits(text[17..], out int second)
            || year is < FirstYear or > LastYear || month is < 1 or > 12 || day < 1
            || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        var minuteStart = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc);
        seconds = ((minuteStart.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) + second;
        return true;
    }

    private static bool TryParseDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte digit in text)
        {
            if ((uint)(digit - '0') > 9)
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        return true;
    }
}
