namespace Shipper.Processing.Redaction;

/// <summary>
/// Tells a key with its value from the words of a sentence: <c>password: "a b"</c> is data if it is alone on its line, as in YAML, or between the signs around a
/// member, as objects are printed.
/// </summary>
internal static class DataPair
{
    private const int MaxSpaces = 64;

    /// <summary>Returns true for data.</summary>
    /// <param name="keyStart">Index of the key.</param>
    /// <param name="start">Index of the value.</param>
    /// <param name="end">Index after the value.</param>
    /// <param name="slashes">Number of backslashes in front of the quotes of the value; -1 if it has none.</param>
    public static bool IsOne(ReadOnlySpan<byte> text, int keyStart, int start, int end, int slashes) =>
        IsBehindSign(text, keyStart) && IsBeforeSign(text, end + slashes + 1) && !(slashes >= 0 && IsLabel(text, keyStart, start, slashes));

    private static bool IsBehindSign(ReadOnlySpan<byte> text, int keyStart)
    {
        int index = keyStart - 1;
        while (keyStart - index < MaxSpaces && text.At(index) is (byte)' ' or (byte)'\t')
        {
            index--;
        }

        // The dash of a list of YAML.
        bool isList = index < keyStart - 1 && text.At(index) == (byte)'-';
        index -= isList ? 1 : 0;
        while (isList && keyStart - index < MaxSpaces && text.At(index) == (byte)' ')
        {
            index--;
        }

        return index < 0 || text[index] == (byte)'\n'
            || (!isList && text[index] is (byte)'{' or (byte)'(' or (byte)'[' or (byte)',')
            || (index == keyStart - 1 && (Characters.IsQuote(text[index]) || (text[index] == (byte)'\\' && text[keyStart] is (byte)'n' or (byte)'r' or (byte)'t')));
    }

    /// <summary>Returns true for a text such as <c>'Password: '</c>: what looks like the first quote of the value is the last one of the text.</summary>
    private static bool IsLabel(ReadOnlySpan<byte> text, int keyStart, int start, int slashes) =>
        text.At(keyStart - 1) == text[start - 1] && ValueText.QuoteAt(text, keyStart - 1 - slashes) == slashes && text.At(keyStart - 2 - slashes) != (byte)'\\';

    private static bool IsBeforeSign(ReadOnlySpan<byte> text, int end)
    {
        ColorText.Skip(text, ref end);
        ValueText.SkipSpaces(text, ref end);
        return text.At(end) is 0 or (byte)'\n' or (byte)'\r' or (byte)'}' or (byte)')' or (byte)']' or (byte)',' or (byte)';' or (byte)'#' or (byte)'>'
            or (byte)'"' or (byte)'\'' or (byte)'\\';
    }
}
