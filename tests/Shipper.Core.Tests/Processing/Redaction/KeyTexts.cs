using System.Text;

namespace Shipper.Core.Tests.Processing.Redaction;

/// <summary>Invented private keys of all kinds that programs print.</summary>
internal static class KeyTexts
{
    private const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>The kinds: label, beginning of the body, number of bytes of the body, length of its lines, and the headers in front of it.</summary>
    private static readonly (string Label, string First, int Length, int Line, string Headers)[] Kinds =
    [
        ("PRIVATE KEY", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", 1624, 64, ""),
        ("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEI", 64, 64, ""),
        ("ENCRYPTED PRIVATE KEY", "MIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkq", 1768, 64, ""),
        ("RSA PRIVATE KEY", "MIIEpAIBAAKCAQEA", 1588, 64, ""),
        ("RSA PRIVATE KEY", "", 1592, 64, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF\n\n"),
        ("EC PRIVATE KEY", "MHcCAQEEI", 164, 64, ""),
        ("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz", 464, 70, ""),
        ("PGP PRIVATE KEY BLOCK", "lQdGBF", 2100, 64, "Version: GnuPG v2\n\n"),
    ];

    /// <summary>Returns the text of a key, its lines ended by a newline, and its body without newlines.</summary>
    public static (string Text, string Body) Next(Random random)
    {
        (string label, string first, int length, int line, string headers) = Kinds[random.Next(Kinds.Length)];
        var body = new StringBuilder(first);
        while (body.Length < length - 2)
        {
            body.Append(Base64[random.Next(Base64.Length)]);
        }

        body.Append(random.Next(2) == 0 ? "==" : "A=");
        var text = new StringBuilder($"-----BEGIN {label}-----\n{headers}");
        for (int at = 0; at < body.Length; at += line)
        {
            text.Append(body.ToString(at, Math.Min(line, body.Length - at))).Append('\n');
        }

        text.Append(label.StartsWith("PGP", StringComparison.Ordinal) ? "=aB3d\n" : "").Append($"-----END {label}-----\n");
        return (text.ToString(), body.ToString());
    }

    /// <summary>Returns a piece of a body that a text contains; null if it contains none.</summary>
    public static string? FindPiece(string text, string body)
    {
        // Shorter pieces may also be in a text by chance.
        const int Piece = 6;
        for (int at = 0; at + Piece <= text.Length; at++)
        {
            if (body.Contains(text.AsSpan(at, Piece), StringComparison.Ordinal))
            {
                return text.Substring(Math.Max(0, at - 20), Math.Min(80, text.Length - Math.Max(0, at - 20)));
            }
        }

        return null;
    }
}
