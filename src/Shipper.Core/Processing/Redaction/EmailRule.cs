using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds e-mail addresses: what people have, not all that RFC 5321 allows. The domain has a dot and ends in letters, so versions (<c>react@18.2.0</c>) and
/// hashes of objects in Java (<c>Order@1b2c3d</c>) are none.
/// </summary>
internal static class EmailRule
{
    private const int MaxLocalBytes = 64;
    private const int MaxDomainBytes = 255;
    private const int MinTopLevelBytes = 2;

    private static readonly SearchValues<byte> LocalBytes = Values("._%+'-");
    private static readonly SearchValues<byte> DomainBytes = Values(".-");

    // Units of systemd have names like user@1000.service, and images names like logo@2x.png.
    private static readonly byte[][] OtherEnds =
    [
        "service"u8.ToArray(), "socket"u8.ToArray(), "slice"u8.ToArray(), "timer"u8.ToArray(), "target"u8.ToArray(), "mount"u8.ToArray(),
        "automount"u8.ToArray(), "swap"u8.ToArray(), "path"u8.ToArray(), "device"u8.ToArray(), "scope"u8.ToArray(), "png"u8.ToArray(),
        "jpg"u8.ToArray(), "jpeg"u8.ToArray(), "gif"u8.ToArray(), "svg"u8.ToArray(), "webp"u8.ToArray(), "css"u8.ToArray(), "js"u8.ToArray(),
        "mjs"u8.ToArray(), "cjs"u8.ToArray(), "ts"u8.ToArray(), "json"u8.ToArray(), "yaml"u8.ToArray(), "conf"u8.ToArray(), "html"u8.ToArray(),
    ];

    /// <summary>Returns true if an address is around an at sign.</summary>
    /// <param name="at">Index of the sign.</param>
    /// <param name="domain">Index after the sign.</param>
    /// <param name="start">Receives the index of the address.</param>
    /// <param name="end">Receives the index after the address.</param>
    public static bool TryMatch(in RedactText text, int at, int domain, out int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        end = domain;
        int least = Math.Max(text.Taken, at - MaxLocalBytes);
        start = at;
        while (start > least && LocalBytes.Contains(bytes[start - 1]))
        {
            start--;
        }

        // The letter of an escape sequence in JSON is not part of the address.
        if (bytes.At(start - 1) == (byte)'\\')
        {
            start = Math.Min(at, start + (bytes[start] == (byte)'u' ? 5 : 1));
        }

        while (start < at && bytes[start] is (byte)'.' or (byte)'-' or (byte)'\'')
        {
            start++;
        }

        if (start == at)
        {
            return false;
        }

        end = Characters.RunEnd(bytes[..Math.Min(bytes.Length, domain + MaxDomainBytes)], domain, DomainBytes);
        if (text.IsCut && end == bytes.Length)
        {
            return true;
        }

        while (end > domain && bytes[end - 1] is (byte)'.' or (byte)'-')
        {
            end--;
        }

        return IsDomain(bytes[domain..end]) && !(bytes[start..at].SequenceEqual("git"u8) && bytes.At(end) == (byte)':');
    }

    private static SearchValues<byte> Values(string others)
    {
        IEnumerable<byte> beyondAscii = Enumerable.Range(128, 128).Select(value => (byte)value);
        return SearchValues.Create([.. (Characters.LettersAndDigits + others).Select(value => (byte)value), .. beyondAscii]);
    }

    private static bool IsDomain(ReadOnlySpan<byte> domain)
    {
        int dot = domain.LastIndexOf((byte)'.');
        if (dot <= 0 || domain[0] is (byte)'.' or (byte)'-' || domain.IndexOf(".."u8) >= 0)
        {
            return false;
        }

        ReadOnlySpan<byte> topLevel = domain[(dot + 1)..];
        if (topLevel.Length < MinTopLevelBytes)
        {
            return false;
        }

        foreach (byte one in topLevel)
        {
            if (!AsciiByte.IsLetter(one) && one < 128)
            {
                return topLevel.StartsWith("xn--"u8);
            }
        }

        foreach (byte[] other in OtherEnds)
        {
            if (topLevel.SequenceEqual(other))
            {
                return false;
            }
        }

        return true;
    }
}
