using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>Values in connection strings, whose pairs are separated by semicolons: ADO.NET, ODBC, JDBC. A value may contain spaces, or be in braces.</summary>
internal static class ConnectionString
{
    private const int MaxMoreBytes = 128;

    private static readonly SearchValues<byte> End = SearchValues.Create(";\r\n\"'`<>=\\"u8);

    /// <summary>Finds the end of a value that continues behind a space: another pair comes before or behind it.</summary>
    /// <param name="keyStart">Index of the key.</param>
    /// <param name="end">Index of the space.</param>
    /// <returns>The end; the index of the space if the value ends there.</returns>
    public static int ValueEnd(ReadOnlySpan<byte> text, int keyStart, int start, int end)
    {
        bool isBehindPair = text.At(keyStart - 1) == (byte)';' || (text.At(keyStart - 1) == (byte)' ' && text.At(keyStart - 2) == (byte)';');
        ReadOnlySpan<byte> rest = text.Slice(end, Math.Min(MaxMoreBytes, text.Length - end));
        if (isBehindPair && text[start] == (byte)'{' && rest.IndexOf((byte)'}') is >= 0 and int brace)
        {
            return end + brace + 1;
        }

        int length = rest.IndexOfAny(End);
        if (length < 0)
        {
            return end;
        }

        int stop = end + length;
        return text[stop] switch
        {
            (byte)';' when IsPair(text[(stop + 1)..]) || (isBehindPair && (text.At(stop + 1) == 0 || End.Contains(text[stop + 1]))) => stop,

            // The last pair of a string in quotes.
            (byte)'"' when isBehindPair && text.At(stop + 1) is 0 or (byte)',' or (byte)'}' or (byte)']' or (byte)')' or (byte)'\n' => stop,
            (byte)'\\' when isBehindPair && Characters.IsQuote(text.At(stop + 1)) => stop,
            _ => end,
        };
    }

    private static bool IsPair(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> key = text[..Math.Min(text.Length, MaxMoreBytes)];
        int length = key.IndexOfAny((byte)'=', (byte)';');
        return length > 0 && key[length] == (byte)'=' && AsciiByte.IsLetter(key.TrimStart((byte)' ')[0]);
    }
}
