namespace Shipper.Processing.Redaction;

/// <summary>Finds the text of an XML element whose name is that of a secret: <c>&lt;password>TEXT&lt;/password></c>.</summary>
internal static class ElementRule
{
    private const int MaxPrefixBytes = 32;
    private const int MaxAttributeBytes = 128;
    private const int MaxCutBytes = 256;

    /// <summary>Returns true if there is a text to remove.</summary>
    /// <param name="keyStart">Index of the name, without its prefix.</param>
    /// <param name="keyEnd">Index after the name.</param>
    /// <param name="start">Receives the index of the text.</param>
    /// <param name="end">Receives the index after the text.</param>
    public static bool TryMatch(in RedactText text, int keyStart, int keyEnd, KeyKind kind, out int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        start = end = keyEnd;
        if (!IsBeginOfElement(bytes, keyStart) || !TrySkipAttributes(bytes, ref start))
        {
            return false;
        }

        int length = bytes[start..].IndexOf((byte)'<');
        if (length < 0)
        {
            // Of a line that was cut, the rest may be a part of the value, but a longer text is not.
            end = bytes.Length;
            return text.IsCut && end - start is > 0 and <= MaxCutBytes && !bytes[start..].Contains((byte)' ');
        }

        end = start + length;
        int slash = end + (bytes.At(end + 1) == (byte)'\\' ? 2 : 1);
        while (end > start && Characters.IsSpace(bytes[end - 1]))
        {
            end--;
        }

        while (start < end && Characters.IsSpace(bytes[start]))
        {
            start++;
        }

        return bytes.At(slash) == (byte)'/' && end > start && SecretValues.IsSecret(bytes[start..end], kind, isText: false);
    }

    private static bool IsBeginOfElement(ReadOnlySpan<byte> text, int name)
    {
        int index = name - 1;
        if (text.At(index) == (byte)':')
        {
            do
            {
                index--;
            }
            while (name - index < MaxPrefixBytes && Characters.IsKey(text.At(index)));
        }

        return text.At(index) == (byte)'<';
    }

    private static bool TrySkipAttributes(ReadOnlySpan<byte> text, ref int index)
    {
        ReadOnlySpan<byte> rest = text.Slice(index, Math.Min(MaxAttributeBytes, text.Length - index));
        int length = rest.IndexOfAny((byte)'>', (byte)'<');
        index += length + 1;
        return length >= 0 && rest[length] == (byte)'>' && (length == 0 || (rest[0] == (byte)' ' && rest[length - 1] != (byte)'/'));
    }
}
