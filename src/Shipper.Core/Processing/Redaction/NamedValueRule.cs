using System.Text;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds the value of a member beside the one with its name: <c>{"name":"DB_PASSWORD","value":"x"}</c>, as containers of Kubernetes have their environment, and
/// <c>{Name:DB_PASSWORD,Value:x,ValueFrom:nil}</c>, as the kubelet prints them.
/// </summary>
internal static class NamedValueRule
{
    private const int MaxNameBytes = 32;
    private const int MaxValueBytes = 512;

    private static readonly byte[][] Names = ["name"u8.ToArray(), "key"u8.ToArray()];

    /// <summary>Returns true if a value may be behind a name. Most names have none.</summary>
    /// <inheritdoc cref="TryMatch"/>
    public static bool MayMatch(ReadOnlySpan<byte> text, int nameEnd, int slashes) =>
        slashes < 0 ? text.At(nameEnd + 1) is (byte)'V' or (byte)'v' : text.At(nameEnd + slashes + 1) == (byte)',';

    /// <summary>Returns true if there is a value to remove.</summary>
    /// <param name="index">Index in the name of the secret.</param>
    /// <param name="nameEnd">Index after the name.</param>
    /// <param name="slashes">Number of backslashes in front of the quote behind the name; -1 if it has none.</param>
    /// <param name="start">Receives the index of the value.</param>
    /// <param name="end">Receives the index after the value.</param>
    public static bool TryMatch(in RedactText text, int index, int nameEnd, int slashes, out KeyKind kind, out int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        start = end = nameEnd;
        int nameStart = ValueText.KeyStart(in text, index);
        kind = KeyNames.KindOf(bytes[nameStart..nameEnd]);
        if (kind is KeyKind.None or KeyKind.Cookie or KeyKind.Authorization || !IsName(bytes[Math.Max(text.Taken, nameStart - MaxNameBytes)..nameStart]))
        {
            return false;
        }

        if (slashes < 0)
        {
            start++;
            if (bytes.At(nameEnd) is not ((byte)',' or (byte)' ') || !TrySkipWord(bytes, ref start, "value:"u8))
            {
                return false;
            }

            ReadOnlySpan<byte> rest = bytes.Slice(start, Math.Min(MaxValueBytes, bytes.Length - start));
            int next = rest.IndexOf("ValueFrom:"u8);
            end = next > 0 && rest[..next].IndexOf("Name:"u8) < 0 ? start + next - 1 : ValueText.UnquotedEnd(bytes, start, isEncoded: false);
        }
        else
        {
            if (!ValueText.TryFindNext(bytes, nameEnd, slashes, out start) || !TrySkipWord(bytes, ref start, "value"u8) || ValueText.QuoteAt(bytes, start) != slashes)
            {
                return false;
            }

            start += slashes + 1;
            ValueText.SkipSpaces(bytes, ref start);
            start += bytes.At(start) == (byte)':' ? 1 : 0;
            ValueText.SkipSpaces(bytes, ref start);
            start += ValueText.PrefixLength(bytes, start);
            if (ValueText.QuoteAt(bytes, start) != slashes)
            {
                return false;
            }

            start += slashes + 1;
            end = ValueText.QuotedEnd(in text, start, slashes, bytes[start - 1]);
        }

        return ValueText.IsValue(bytes, start, end) && SecretValues.IsSecret(bytes[start..end], kind, isText: false);
    }

    /// <summary>Returns true if a text ends in <c>name</c> and a colon, with quotes or without.</summary>
    private static bool IsName(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> word = text.TrimEnd(" :\"'\\"u8);
        if (!text[word.Length..].Contains((byte)':'))
        {
            return false;
        }

        foreach (byte[] name in Names)
        {
            if (word.Length >= name.Length && Ascii.EqualsIgnoreCase(word[^name.Length..], name) && !Characters.IsKey(word.At(word.Length - name.Length - 1)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TrySkipWord(ReadOnlySpan<byte> text, ref int index, ReadOnlySpan<byte> word)
    {
        if (text.Length - index < word.Length || !Ascii.EqualsIgnoreCase(text.Slice(index, word.Length), word))
        {
            return false;
        }

        index += word.Length;
        return true;
    }
}
