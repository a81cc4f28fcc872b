namespace Shipper.Processing.Redaction;

/// <summary>What takes the place of something that was removed: <c>[redacted:NAME]</c>.</summary>
internal static class RedactMarker
{
    /// <summary>The marker up to its name.</summary>
    public const string Start = "[redacted:";

    /// <summary>Names in the configuration and in annotations have at most this many letters, digits, and <c>_.-</c>.</summary>
    private const int MaxNameBytes = 64;

    private static ReadOnlySpan<byte> StartBytes => "[redacted:"u8;

    /// <summary>Skips the markers that are at an index.</summary>
    /// <returns>Index after them. Text behind a marker may be a secret: a program may write markers, too.</returns>
    public static int Skip(ReadOnlySpan<byte> text, int start)
    {
        while (TryRead(text[start..], out int length))
        {
            start += length;
        }

        return start;
    }

    /// <summary>Returns true if a value is the beginning of a marker that was cut with the text, because it became too long.</summary>
    public static bool IsCutAt(in RedactText text, int start, int end) =>
        text.IsCut && end == text.Text.Length && text.Text[start..].StartsWith(StartBytes) && text.Text[start..].IndexOf((byte)']') < 0;

    private static bool TryRead(ReadOnlySpan<byte> text, out int length)
    {
        length = StartBytes.Length;
        if (!text.StartsWith(StartBytes))
        {
            return false;
        }

        while (length < StartBytes.Length + MaxNameBytes && Characters.IsKey(text.At(length)))
        {
            length++;
        }

        return length > StartBytes.Length && text.At(length++) == (byte)']';
    }
}
