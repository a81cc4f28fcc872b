using System.Text;
using Shipper.Processing.Literals;

namespace Shipper.Processing.Redaction;

/// <summary>Removes secrets. One search finds all places at which one may be; the rule of the literal that is there decides.</summary>
internal static class SecretScan
{
    private const int FirstShape = (int)Rule.Bearer + 1;

    private static readonly TokenShape[] Shapes = TokenShape.All;

    // In the order of Rule; then the shapes, then the names of keys.
    private static readonly LiteralSet Literals = new(
    [
        Exact(PrivateKeyText.Begin), Exact("PRIVATE KEY"), Exact(JwtRule.Prefix), Exact(UrlPasswordRule.Prefix), Exact(UrlPasswordRule.EscapedPrefix), Exact("T3BlbkFJ"),
        AnyCase(HttpCredentialRule.BasicPrefix), AnyCase(HttpCredentialRule.BearerPrefix),
        .. TokenShape.All.Select(shape => Exact(shape.Prefix)),
        .. KeyNames.Literals.Select(AnyCase),
    ]);

    private enum Rule
    {
        PrivateKey,
        PrivateKeyLabel,
        Jwt,
        Url,
        EscapedUrl,
        OpenAi,
        Basic,
        Bearer,
    }

    /// <summary>Returns true if a text may contain a secret. Most texts have none of the literals.</summary>
    public static bool MayFind(ReadOnlySpan<byte> text) => IndexOfFirst(text, isCut: false) >= 0;

    /// <summary>Returns the first place at which a secret may be; -1 if there is none. Most texts have none of the literals.</summary>
    /// <param name="isCut">True if the text continues beyond these bytes.</param>
    public static int IndexOfFirst(ReadOnlySpan<byte> text, bool isCut)
    {
        int index = Literals.IndexOfAny(text, 0, out int literal);
        if (index < 0 || isCut || !IsUrl(literal))
        {
            return index;
        }

        // Many lines have a URL, and few of these a password, which an @ follows.
        int last = text.LastIndexOf((byte)'@');
        while (index > last && IsUrl(literal))
        {
            index = Literals.IndexOfAny(text, index + 1, out literal);
        }

        return index;
    }

    /// <summary>Removes the secrets of a text.</summary>
    /// <param name="first">The first place at which a secret may be; -1 if there is none.</param>
    /// <param name="keyState">Where the output is in a private key (<see cref="KeyProgress"/>).</param>
    public static void Run(ref RedactText text, int first, ref int keyState)
    {
        if (first < 0 && keyState == 0)
        {
            return;
        }

        // First, so that no other rule takes the beginning of a key.
        int changes = text.Changes;
        PrivateKeyRule.Run(ref text, ref keyState);
        text.EndPass();
        first = text.Changes > changes ? 0 : first;
        int literal = 0;
        int index = first < 0 ? -1 : Literals.IndexOfAny(text.Text, first, out literal);
        while (index >= 0)
        {
            int next = index + 1;
            if (index >= text.Taken && literal > (int)Rule.PrivateKeyLabel)
            {
                if (literal >= FirstShape + Shapes.Length)
                {
                    RemoveValue(ref text, index);
                }
                else if (TryMatch(in text, index, literal, out int start, out int end, out RedactName name) && !RedactMarker.IsCutAt(in text, start, end))
                {
                    text.Replace(start, end, name);
                }
            }

            index = Literals.IndexOfAny(text.Text, Math.Max(next, text.Taken), out literal);
        }

        text.EndPass();
    }

    /// <summary>Matches a rule that removes one word.</summary>
    private static bool TryMatch(in RedactText text, int index, int literal, out int start, out int end, out RedactName name)
    {
        start = index;
        switch ((Rule)literal)
        {
            case Rule.Jwt:
                name = RedactName.Jwt;
                return JwtRule.TryMatch(in text, index, out end);
            case Rule.Url or Rule.EscapedUrl:
                name = RedactName.UrlPassword;
                int authority = index + (literal == (int)Rule.Url ? UrlPasswordRule.Prefix : UrlPasswordRule.EscapedPrefix).Length;
                return UrlPasswordRule.TryMatch(in text, index, authority, out start, out end);
            case Rule.OpenAi:
                name = RedactName.OpenAiKey;
                return OpenAiKeyRule.TryMatch(in text, index, out start, out end);
            case Rule.Basic:
                name = RedactName.Basic;
                return HttpCredentialRule.TryMatchBasic(in text, index, out start, out end);
            case Rule.Bearer:
                name = RedactName.Bearer;
                return HttpCredentialRule.TryMatchBearer(in text, index, out start, out end);
            default:
                TokenShape shape = Shapes[literal - FirstShape];
                name = shape.Name;
                return shape.TryMatch(in text, index, out start, out end);
        }
    }

    /// <summary>Removes the value of a key. If it begins as a token of known form, it gets the name of the token.</summary>
    private static void RemoveValue(ref RedactText text, int index)
    {
        if (!KeyValueRule.TryMatch(in text, index, out KeyKind kind, out int start, out int end, out (int Start, int Length) quote) || RedactMarker.IsCutAt(in text, start, end))
        {
            return;
        }

        RedactName name = kind == KeyKind.Cookie ? RedactName.Cookie : RedactName.Password;
        if (Literals.IndexOfAny(text.Text[..end], start, out int literal) == start && literal is (int)Rule.Jwt or >= FirstShape
            && literal < FirstShape + Shapes.Length && TryMatch(in text, start, literal, out _, out _, out RedactName other))
        {
            name = other;
        }

        text.Replace(start, end, name, quote);
    }

    private static bool IsUrl(int literal) => literal is (int)Rule.Url or (int)Rule.EscapedUrl;

    private static Literal Exact(string text) => new(Encoding.UTF8.GetBytes(text), ignoreCase: false);

    private static Literal AnyCase(string text) => new(Encoding.UTF8.GetBytes(text), ignoreCase: true);
}
