namespace Shipper.Processing.Redaction;

/// <summary>Finds secrets among the arguments of commands.</summary>
internal static class ArgumentRule
{
    /// <summary>
    /// Matches a value that has no separator in front of it: <c>--password VALUE</c>, <c>"--password", "VALUE"</c>, or the text of an element of XML.
    /// </summary>
    public static bool TryMatch(in RedactText text, int index, int keyEnd, bool isQuotedKey, out KeyKind kind, out int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        int keyStart = ValueText.KeyStart(in text, index);
        ReadOnlySpan<byte> key = bytes[keyStart..keyEnd];
        start = end = keyEnd;
        kind = KeyNames.KindOf(key);
        if (kind is KeyKind.None or KeyKind.Cookie or KeyKind.Authorization)
        {
            return false;
        }

        if (!key.StartsWith("--"u8))
        {
            return ElementRule.TryMatch(in text, keyStart, keyEnd, kind, out start, out end);
        }

        int slashes = ValueText.QuoteAt(bytes, keyEnd);
        int quote = -1;
        if (!isQuotedKey && bytes.At(keyEnd) == (byte)' ')
        {
            start = keyEnd + 1;
            quote = ValueText.QuoteAt(bytes, start);
            start += quote + 1;
        }
        else if (!isQuotedKey || !ValueText.TryFindNext(bytes, keyEnd, slashes, out start))
        {
            return false;
        }

        end = isQuotedKey ? ValueText.QuotedEnd(in text, start, slashes, bytes[start - 1])
            : quote >= 0 ? ValueText.QuotedEnd(in text, start, quote, bytes[start - 1])
            : ValueText.UnquotedEnd(bytes, start, isEncoded: false);

        // In a help text, the next word is a type, and in a list of arguments another one.
        return ValueText.IsValue(bytes, start, end) && bytes[start] != (byte)'-' && SecretValues.IsSecret(bytes[start..end], kind, isText: !isQuotedKey);
    }
}
