using System.Text;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds the credentials in the value of <c>Authorization</c> that <see cref="HttpCredentialRule"/> does not: those without a scheme, and those behind a scheme
/// that is no standard, such as <c>Token</c>.
/// </summary>
internal static class AuthorizationRule
{
    private static readonly byte[][] Schemes =
    [
        "token "u8.ToArray(), "apikey "u8.ToArray(), "api-key "u8.ToArray(), "key "u8.ToArray(), "negotiate "u8.ToArray(), "splunk "u8.ToArray(), "bot "u8.ToArray(),
    ];

    /// <summary>Skips the scheme at the beginning of a value.</summary>
    /// <returns>Index of what follows it.</returns>
    public static int SkipScheme(ReadOnlySpan<byte> text, int start)
    {
        foreach (byte[] scheme in Schemes)
        {
            if (text.Length - start >= scheme.Length && Ascii.EqualsIgnoreCase(text.Slice(start, scheme.Length), scheme))
            {
                return start + scheme.Length;
            }
        }

        return start;
    }
}
