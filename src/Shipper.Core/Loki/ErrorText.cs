using System.Globalization;
using Shipper.Records;

namespace Shipper.Loki;

/// <summary>Reads the text of one validation error. <see cref="ValidationErrors"/> has the grammar.</summary>
internal static class ErrorText
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ssK";

    /// <summary>Reads the error that a text begins with.</summary>
    /// <param name="error">The error; its count is 1.</param>
    /// <param name="length">Length of the error; other text may follow.</param>
    public static bool TryRead(ReadOnlySpan<char> text, out ValidationError error, out int length)
    {
        var rest = new Cursor(text);
        bool isRead = rest.TrySkip("entry for stream '") ? TryReadEntry(ref rest, out error)
            : rest.TrySkip("stream '") ? TryReadStream(ref rest, out error)
            : rest.TrySkip("max entry size '") ? TryReadLine(ref rest, out error)
            : rest.TrySkip("missing required labels ") ? TryReadMissing(ref rest, out error)
            : rest.TrySkip("error parsing labels '") ? TryReadUnparsed(ref rest, out error)
            : TryReadNone(ref rest, out error);
        length = rest.Position;
        return isRead;
    }

    /// <summary>Returns the length of the labels that a text begins with, as Loki writes them: <c>{a="b", c="d"}</c>.</summary>
    /// <returns>0 if the text begins with something else.</returns>
    public static int LabelsLength(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] != '{')
        {
            return 0;
        }

        bool isQuoted = false;
        for (int i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when isQuoted:
                    i++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case '}' when !isQuoted:
                    return i + 1;
                case '{' or '\\' when !isQuoted:
                    return 0;
            }
        }

        return 0;
    }

    /// <summary>Parses a time such as <c>2006-01-02T15:04:05Z</c> or <c>…+02:00</c>. Loki writes bounds in its own time zone.</summary>
    /// <param name="timeNs">The time in nanoseconds since 1970.</param>
    public static bool TryParseTime(ReadOnlySpan<char> text, out long timeNs)
    {
        bool isTime = DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            && time.Year is >= 1970 and <= 2261;
        timeNs = isTime ? UnixTime.ToNanoseconds(time) : 0;
        return isTime;
    }

    private static bool TryReadEntry(ref Cursor rest, out ValidationError error)
    {
        error = default;
        if (!rest.TryReadLabels(out ReadOnlySpan<char> labels) || !rest.TrySkip("' has "))
        {
            return false;
        }

        if (rest.TrySkip("timestamp too old: ") && rest.TryReadTime(out _) && rest.TrySkip(", oldest acceptable timestamp is: ") && rest.TryReadTime(out long oldestNs))
        {
            error = new ValidationError(RefusalKind.TooOld, 1, null, oldestNs);
            return true;
        }

        if (rest.TrySkip("timestamp too new: ") && rest.TryReadTime(out long timeNs))
        {
            error = new ValidationError(RefusalKind.TooNew, 1, null, timeNs);
            return true;
        }

        error = new ValidationError(RefusalKind.Labels, 1, labels.ToString(), 0);
        return rest.TryReadNumber(out _) && rest.TrySkip(" label names; limit ") && rest.TryReadNumber(out _);
    }

    private static bool TryReadStream(ref Cursor rest, out ValidationError error)
    {
        error = default;
        if (!rest.TryReadLabels(out ReadOnlySpan<char> labels) || !rest.TrySkip("' "))
        {
            return false;
        }

        if (rest.TrySkip("includes structured metadata, but"))
        {
            error = new ValidationError(RefusalKind.MetadataNotAllowed, 1, null, 0);
            return true;
        }

        if (rest.TrySkip("has structured metadata too large: '"))
        {
            bool isRead = rest.TryReadNumber(out _) && rest.TrySkip("' bytes, limit: '") && rest.TryReadNumber(out _);
            error = new ValidationError(RefusalKind.MetadataTooLarge, 1, null, rest.LastNumber);
            return isRead;
        }

        if (rest.TrySkip("has too many structured metadata labels: '"))
        {
            bool isRead = rest.TryReadNumber(out _) && rest.TrySkip("', limit: '") && rest.TryReadNumber(out _);
            error = new ValidationError(RefusalKind.MetadataTooMany, 1, null, rest.LastNumber);
            return isRead;
        }

        error = new ValidationError(RefusalKind.Labels, 1, labels.ToString(), 0);
        return rest.TrySkip("has label name too long: '") || rest.TrySkip("has label value too long: '") || rest.TrySkip("has duplicate label name: '");
    }

    private static bool TryReadLine(ref Cursor rest, out ValidationError error)
    {
        bool isRead = rest.TryReadNumber(out long limit) && rest.TrySkip("' bytes exceeded for stream '") && rest.TryReadLabels(out _);
        error = new ValidationError(RefusalKind.LineTooLong, 1, null, limit);
        return isRead;
    }

    private static bool TryReadMissing(ref Cursor rest, out ValidationError error)
    {
        // The text names the labels that the tenant demands. Before 3.5 it does not name the stream.
        error = new ValidationError(RefusalKind.LabelsMissing, 1, rest.TrySkipTo(" for stream ") && (rest.TrySkip("'") || true) && rest.TryReadLabels(out ReadOnlySpan<char> labels) ? labels.ToString() : null, 0);
        return true;
    }

    private static bool TryReadUnparsed(ref Cursor rest, out ValidationError error)
    {
        error = new ValidationError(RefusalKind.Labels, 1, rest.TryReadLabels(out ReadOnlySpan<char> labels) ? labels.ToString() : null, 0);
        return error.Stream is not null && rest.TrySkip("' with error: ");
    }

    private static bool TryReadNone(ref Cursor rest, out ValidationError error)
    {
        error = new ValidationError(RefusalKind.Labels, 1, null, 0);
        return rest.TrySkip("error at least one label pair is required per stream");
    }

    /// <summary>A position in a text.</summary>
    private ref struct Cursor(ReadOnlySpan<char> text)
    {
        private readonly ReadOnlySpan<char> _text = text;

        public int Position { get; private set; }

        public long LastNumber { get; private set; }

        private readonly ReadOnlySpan<char> Rest => _text[Position..];

        public bool TrySkip(string expected)
        {
            bool isThere = Rest.StartsWith(expected, StringComparison.OrdinalIgnoreCase);
            Position += isThere ? expected.Length : 0;
            return isThere;
        }

        /// <summary>Moves past a text, if it occurs in the next 2,048 characters.</summary>
        public bool TrySkipTo(string expected)
        {
            const int MaxNames = 2048;
            int found = Rest[..Math.Min(Rest.Length, MaxNames)].IndexOf(expected, StringComparison.OrdinalIgnoreCase);
            Position += found < 0 ? 0 : found + expected.Length;
            return found >= 0;
        }

        public bool TryReadLabels(out ReadOnlySpan<char> labels)
        {
            int length = LabelsLength(Rest);
            labels = Rest[..length];
            Position += length;
            return length > 0;
        }

        public bool TryReadNumber(out long number)
        {
            int end = Rest.IndexOfAnyExceptInRange('0', '9');
            ReadOnlySpan<char> digits = end < 0 ? Rest : Rest[..end];
            Position += digits.Length;
            bool isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
            LastNumber = number;
            return isNumber;
        }

        public bool TryReadTime(out long timeNs)
        {
            int end = Rest.IndexOfAny(",;' \n");
            ReadOnlySpan<char> written = end < 0 ? Rest : Rest[..end];
            bool isTime = TryParseTime(written, out timeNs);
            Position += isTime ? written.Length : 0;
            return isTime;
        }
    }
}
