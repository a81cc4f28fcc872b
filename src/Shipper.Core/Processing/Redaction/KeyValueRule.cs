namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds the values of keys such as <c>password</c>: in JSON, also in JSON that is a string of JSON; in logfmt, query strings, connection strings and headers.
/// </summary>
internal static class KeyValueRule
{
    /// <summary>Returns true if there is a value to remove.</summary>
    /// <param name="index">Index of one of <see cref="KeyNames.Literals"/>.</param>
    /// <param name="start">Receives the index of the value.</param>
    /// <param name="end">Receives the index after the value.</param>
    /// <param name="quote">Receives the place of what to add before and after the marker, so that the text stays valid JSON.</param>
    public static bool TryMatch(in RedactText text, int index, out KeyKind kind, out int start, out int end, out (int Start, int Length) quote)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        kind = KeyKind.None;
        quote = default;
        start = end = index;
        int keyEnd = index + 1;
        while (keyEnd - index < ValueText.MaxKeyBytes && Characters.IsKey(bytes.At(keyEnd)))
        {
            keyEnd++;
        }

        // The quote of the key, behind as many backslashes as there are levels of JSON. Most words have no separator behind them.
        start = keyEnd;
        int slashes = ValueText.QuoteAt(bytes, start);
        bool isQuotedKey = slashes >= 0;
        start += slashes + 1;
        ColorText.Skip(bytes, ref start);
        bool hasSpaces = ValueText.SkipSpaces(bytes, ref start);
        if (!TrySkipSeparator(bytes, ref start, out bool isColon, out bool isEncoded))
        {
            return (bytes.At(keyEnd) is (byte)'>' or (byte)' ' or (byte)'"' or (byte)'\'' or (byte)'\\'
                    && ArgumentRule.TryMatch(in text, index, keyEnd, isQuotedKey, out kind, out start, out end))
                || (NamedValueRule.MayMatch(bytes, keyEnd, slashes) && NamedValueRule.TryMatch(in text, index, keyEnd, slashes, out kind, out start, out end));
        }

        int keyStart = ValueText.KeyStart(in text, index);
        kind = KeyNames.KindOf(bytes[keyStart..keyEnd]);
        if (kind == KeyKind.None || (isQuotedKey && bytes.At(keyStart - 1) != bytes[keyEnd + slashes]))
        {
            return false;
        }

        ColorText.Skip(bytes, ref start);
        hasSpaces |= ValueText.SkipSpaces(bytes, ref start);
        ColorText.Skip(bytes, ref start);
        bool isHeader = kind is KeyKind.Cookie or KeyKind.Authorization;
        bool isList = bytes.At(start) == (byte)'[' && (ValueText.HasQuote(bytes, start + 1) || isHeader);
        start += isList ? 1 : 0;
        start += ValueText.PrefixLength(bytes, start);
        int valueSlashes = ValueText.QuoteAt(bytes, start);
        bool isText = !isQuotedKey && (isColon || (hasSpaces && valueSlashes < 0));
        start += valueSlashes + 1;
        if (isHeader)
        {
            return HeaderRule.TryMatch(in text, kind, bytes[keyStart..keyEnd], valueSlashes, ref start, out end);
        }

        if (valueSlashes >= 0)
        {
            end = ValueText.QuotedEnd(in text, start, valueSlashes, bytes[start - 1]);
            isText = isText && !(kind is KeyKind.Password or KeyKind.Pwd && DataPair.IsOne(bytes, keyStart, start, end, valueSlashes));
            bool isSecret = IsQuotedSecret(bytes[start..end], kind, isText, isList || (hasSpaces && kind != KeyKind.Password));
            while (isList && ValueText.TryFindNext(bytes, end, valueSlashes, out int next))
            {
                // The marker takes the place of all elements, and of what separates them.
                int nextEnd = ValueText.QuotedEnd(in text, next, valueSlashes, bytes[next - 1]);
                bool isNextSecret = IsQuotedSecret(bytes[next..nextEnd], kind, isText, isList);
                start = isSecret ? start : next;
                isSecret |= isNextSecret;
                end = nextEnd;
            }

            return isSecret;
        }

        if (isQuotedKey && isColon)
        {
            // A number, a literal, an object or an array.
            quote = (keyEnd, slashes + 1);
            return kind is KeyKind.Password or KeyKind.Pwd && ValueText.TryReadNumber(bytes, start, out end);
        }

        if (bytes[start..].StartsWith(PrivateKeyText.BeginBytes))
        {
            // Before a search for its end, so that many of them take no longer.
            return false;
        }

        end = ValueText.UnquotedEnd(bytes, start, isEncoded);
        isText = isText && !(IsNumber(bytes, start, end, kind) && (!hasSpaces || DataPair.IsOne(bytes, keyStart, start, end, slashes: -1)));
        if (end <= start || !SecretValues.IsSecret(bytes[start..end], kind, isText))
        {
            return false;
        }

        end = !isText && bytes.At(end) == (byte)' ' ? ConnectionString.ValueEnd(bytes, keyStart, start, end) : end;
        return true;
    }

    /// <summary>Returns true if a value is a number that is long enough for a password.</summary>
    private static bool IsNumber(ReadOnlySpan<byte> text, int start, int end, KeyKind kind) =>
        kind is KeyKind.Password or KeyKind.Pwd && end - start >= SecretValues.MinPasswordBytesInText
        && !text[start..end].ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool IsQuotedSecret(ReadOnlySpan<byte> value, KeyKind kind, bool isText, bool isWord) =>
        ValueText.IsValue(value, 0, value.Length) && !((isText || isWord) && value.Contains((byte)' ')) && SecretValues.IsSecret(value, kind, isText);

    private static bool TrySkipSeparator(ReadOnlySpan<byte> text, ref int index, out bool isColon, out bool isEncoded)
    {
        isColon = text.At(index) == (byte)':';
        isEncoded = text.At(index) == (byte)'%' && text.At(index + 1) == (byte)'3' && (text.At(index + 2) | 0x20) == (byte)'d';
        if (isEncoded)
        {
            index += 3;
            return true;
        }

        if (!isColon && text.At(index) != (byte)'=')
        {
            return false;
        }

        // Ruby has =>, Go :=, and == compares.
        index++;
        byte next = text.At(index);
        index += next == (byte)(isColon ? '=' : '>') ? 1 : 0;
        return next != (byte)(isColon ? ':' : '=');
    }
}
