using System.Buffers;
using System.Globalization;
using System.Text;

namespace Shipper.Discovery.Rotation;

/// <summary>
/// The number or time by which the name of a rotated file differs from the name of its log: <c>.1</c>, <c>-20261129</c>, <c>-2026-11-29T08-21-21.345</c>,
/// <c>.2026-11-29.2</c>.
/// </summary>
/// <param name="Kind">The kind of text.</param>
/// <param name="Number">The number; 0 if the text is not just a number.</param>
/// <param name="Date">The date as <c>yyyyMMdd</c>, or seconds since 1970; empty if the text does not show which of two files is older.</param>
/// <param name="Rest">The text after the date, padded so that it sorts like its numbers: the time of day, or the number of the file on that day.</param>
/// <param name="IsExact">True if the time is precise to the minute or better, so that it distinguishes two files of the same day.</param>
/// <param name="HasSeparator">False if the text starts with a digit.</param>
internal readonly record struct RotationTag(RotationTagKind Kind, long Number, string Date, string Rest, bool IsExact, bool HasSeparator)
{
    private const int MaxNumberDigits = 6;
    private const int DateDigits = 8;
    private const int YearDigits = 4;
    private const int MinuteDigits = 4;

    // Number of digits of long.MaxValue.
    private const int PaddedDigits = 19;

    private static readonly SearchValues<char> Chars = SearchValues.Create("0123456789-_.T:,+Z");

    /// <summary>Parses the text between the parts of a log's name, or after them.</summary>
    /// <returns>False if the text is neither a number nor a time.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out RotationTag tag)
    {
        tag = default;
        bool hasSeparator = !text.IsEmpty && text[0] is '.' or '-' or '_';
        ReadOnlySpan<char> digits = hasSeparator ? text[1..] : text;
        if (digits.IsEmpty || !char.IsAsciiDigit(digits[0]) || digits.ContainsAnyExcept(Chars))
        {
            return false;
        }

        int length = LengthOfGroup(digits);
        if (length == digits.Length && length <= MaxNumberDigits)
        {
            long number = long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
            tag = new RotationTag(RotationTagKind.Number, number, "", "", IsExact: false, hasSeparator);
            return true;
        }

        (RotationTagKind kind, string date, int taken) = ReadDate(digits);
        string rest = Pad(digits[taken..], out int restDigits);
        bool isEpoch = date.Length > DateDigits;
        tag = new RotationTag(kind, 0, date, rest, isEpoch || (date.Length > 0 && restDigits >= MinuteDigits), hasSeparator);
        return true;
    }

    /// <returns>The kind of the text, its date, and the number of characters that the date takes.</returns>
    private static (RotationTagKind Kind, string Date, int Taken) ReadDate(ReadOnlySpan<char> text)
    {
        int first = LengthOfGroup(text);
        ReadOnlySpan<char> second = text[Math.Min(text.Length, first + 1)..];
        second = second[..LengthOfGroup(second)];
        ReadOnlySpan<char> third = text[Math.Min(text.Length, first + second.Length + 2)..];
        third = third[..LengthOfGroup(third)];
        if (first >= DateDigits)
        {
            // Seconds, milliseconds or smaller units since 1970; or a date with the day first, so that only the files' modification times show the order.
            return IsYear(text[..YearDigits]) && first is not (13 or 16 or 19) ? (RotationTagKind.Time, text[..DateDigits].ToString(), DateDigits)
                : first >= 10 ? (RotationTagKind.Time, Pad(text[..first], out _), first)
                : (RotationTagKind.Time, "", 0);
        }

        if (first == YearDigits && IsYear(text[..first]) && second.Length is 2 or 4)
        {
            // 2026-11-29, 2026-1129, or 2026-11 for a month or a week.
            bool hasDay = second.Length == 2 && third.Length == 2;
            return (RotationTagKind.Time, string.Concat(text[..first], second, hasDay ? third : ""), first + 1 + second.Length + (hasDay ? 1 + third.Length : 0));
        }

        return (first == 2 && second.Length == 2 && third.Length == YearDigits && IsYear(third) ? RotationTagKind.Time : RotationTagKind.Other, "", 0);
    }

    private static bool IsYear(ReadOnlySpan<char> digits) => digits[0] is '1' or '2' && digits[1] is '9' or '0' or '1';

    private static int LengthOfGroup(ReadOnlySpan<char> text)
    {
        int length = text.IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? text.Length : length;
    }

    /// <summary>Pads each number with zeros, so that the texts sort like the numbers.</summary>
    private static string Pad(ReadOnlySpan<char> text, out int digits)
    {
        digits = 0;
        var padded = new StringBuilder();
        while (!text.IsEmpty)
        {
            int length = LengthOfGroup(text);
            if (length > 0)
            {
                padded.Append('0', Math.Max(0, PaddedDigits - length)).Append(text[..length]);
            }

            digits += length;
            text = text[Math.Min(text.Length, length + 1)..];
        }

        return padded.ToString();
    }
}
