using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>A kind of token with a known beginning, such as <c>ghp_</c>.</summary>
internal sealed class TokenShape
{
    private static readonly SearchValues<byte> Word = Characters.LettersDigitsAnd("_");
    private static readonly SearchValues<byte> WordOrDash = Characters.LettersDigitsAnd("_-");
    private static readonly SearchValues<byte> WordDashOrDot = Characters.LettersDigitsAnd("_-.");
    private static readonly SearchValues<byte> Azure = Characters.LettersDigitsAnd("_-.~");
    private static readonly SearchValues<byte> Plain = Characters.LettersDigitsAnd("");
    private static readonly SearchValues<byte> Base32 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8);
    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdef"u8);
    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> UpperOrDigit = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);

    private const string Slack = "xox";

    // The first number of a token of Slack is nearer to its beginning.
    private const int MaxSlackHead = 64;

    private readonly SearchValues<byte> _values;
    private readonly int _min;
    private readonly int _max;
    private readonly int _before;

    /// <param name="prefix">The text with which the token begins.</param>
    /// <param name="values">The bytes that may follow.</param>
    /// <param name="min">Least number of these bytes.</param>
    /// <param name="max">Largest number; 0 if there is none.</param>
    /// <param name="before">Number of bytes of the token in front of the prefix.</param>
    private TokenShape(string prefix, RedactName name, SearchValues<byte> values, int min, int max = 0, int before = 0)
    {
        Prefix = prefix;
        Name = name;
        _values = values;
        _min = min;
        _max = max;
        _before = before;
    }

    /// <summary>All kinds. Sources: the issuers' documentation, and gitleaks/gitleaks, config/gitleaks.toml.</summary>
    public static TokenShape[] All { get; } =
    [
        new("AKIA", RedactName.AwsKey, Base32, 16, 16),
        new("ASIA", RedactName.AwsKey, Base32, 16, 16),
        new("ABIA", RedactName.AwsKey, Base32, 16, 16),
        new("ACCA", RedactName.AwsKey, Base32, 16, 16),
        new("A3T", RedactName.AwsKey, UpperOrDigit, 17, 17),
        new("ghp_", RedactName.GitHubToken, Word, 36),
        new("gho_", RedactName.GitHubToken, Word, 36),
        new("ghr_", RedactName.GitHubToken, Word, 36),

        // Newer tokens of apps contain a JWT.
        new("ghs_", RedactName.GitHubToken, WordDashOrDot, 36),
        new("ghu_", RedactName.GitHubToken, WordDashOrDot, 36),
        new("github_pat_", RedactName.GitHubToken, Word, 40),
        new("glpat-", RedactName.GitLabToken, WordDashOrDot, 20),
        new("gldt-", RedactName.GitLabToken, WordDashOrDot, 20),
        new("glrt-", RedactName.GitLabToken, WordDashOrDot, 20),
        new("glcbt-", RedactName.GitLabToken, WordDashOrDot, 20),
        new("glptt-", RedactName.GitLabToken, WordDashOrDot, 20),
        new("glft-", RedactName.GitLabToken, WordDashOrDot, 20),
        new("glsoat-", RedactName.GitLabToken, WordDashOrDot, 20),
        new("glagent-", RedactName.GitLabToken, WordDashOrDot, 20),
        new("gloas-", RedactName.GitLabToken, WordDashOrDot, 20),
        new(Slack, RedactName.SlackToken, WordDashOrDot, 20),
        new("xapp-", RedactName.SlackToken, WordOrDash, 20),
        new("AIza", RedactName.GoogleKey, WordOrDash, 35, 35),
        new("GOCSPX-", RedactName.GoogleKey, WordOrDash, 28, 28),
        new("ya29.", RedactName.GoogleKey, WordDashOrDot, 40),
        new("sk_live_", RedactName.StripeKey, Plain, 16),
        new("rk_live_", RedactName.StripeKey, Plain, 16),
        new("npm_", RedactName.NpmToken, Plain, 36),
        new("sk-proj-", RedactName.OpenAiKey, WordOrDash, 20),
        new("sk-svcacct-", RedactName.OpenAiKey, WordOrDash, 20),
        new("sk-admin-", RedactName.OpenAiKey, WordOrDash, 20),
        new("sk-ant-", RedactName.AnthropicKey, WordOrDash, 20),
        new("hvs.", RedactName.VaultToken, WordOrDash, 24),
        new("hvb.", RedactName.VaultToken, WordOrDash, 24),
        new("dckr_pat_", RedactName.DockerToken, WordOrDash, 27, 27),
        new("hf_", RedactName.HuggingFaceToken, Letters, 34, 34),
        new("pypi-AgEI", RedactName.PyPiToken, WordOrDash, 50),
        new("SG.", RedactName.SendGridKey, WordDashOrDot, 66, 66),
        new("dop_v1_", RedactName.DigitalOceanToken, Hex, 64, 64),
        new(".atlasv1.", RedactName.TerraformToken, WordOrDash, 60, 70, before: 14),
        new("7Q~", RedactName.AzureSecret, Azure, 31, 34, before: 3),
        new("8Q~", RedactName.AzureSecret, Azure, 31, 34, before: 3),
    ];

    /// <summary>The text with which the token begins.</summary>
    public string Prefix { get; }

    public RedactName Name { get; }

    /// <summary>Returns true if a token is at a place.</summary>
    /// <param name="index">Index of the prefix.</param>
    /// <param name="start">Receives the index of the token.</param>
    /// <param name="end">Receives the index after the token.</param>
    public bool TryMatch(in RedactText text, int index, out int start, out int end)
    {
        start = index - _before;
        int first = index + Prefix.Length;
        end = first;
        if (start < text.Taken || !Characters.IsWordStart(in text, start))
        {
            return false;
        }

        // The beginning has no known form, so it must be that of a word.
        if (_before > 0
            && ((start > text.Taken && text.Text[start - 1] is (byte)'~' or (byte)'.' or (byte)'-')
                || Characters.RunEnd(text.Text[..index], start, _values) < index))
        {
            return false;
        }

        if (Prefix == Slack && text.Text.Length >= first + MaxSlackHead && !text.Text.Slice(first, MaxSlackHead).ContainsAnyInRange((byte)'0', (byte)'9'))
        {
            // So that no run of bytes is searched more than once, whatever it repeats.
            return false;
        }

        // A token of a certain length is not part of a longer word.
        ReadOnlySpan<byte> known = _max > 0 ? text.Text[..Math.Min(text.Text.Length, first + _max + 1)] : text.Text;
        end = Characters.RunEnd(known, first, _values);
        if (text.IsCut && end == text.Text.Length)
        {
            return IsSlackOrOther(text.Text[first..end], isCut: true);
        }

        // The end of a sentence.
        while (end > first && text.Text[end - 1] == (byte)'.')
        {
            end--;
        }

        int length = end - first;
        return length >= _min && (_max == 0 || (length <= _max && Characters.IsWordEnd(text.Text, end)))
            && IsSlackOrOther(text.Text[first..end], isCut: false);
    }

    /// <summary>Tokens of Slack begin with <c>xox</c>, a letter and a dash, and have numbers.</summary>
    private bool IsSlackOrOther(ReadOnlySpan<byte> rest, bool isCut) =>
        Prefix != Slack || (isCut && rest.Length < 2)
        || (rest[0] is >= (byte)'a' and <= (byte)'z' && rest[1] is (byte)'-' or (byte)'.' && (isCut || rest.ContainsAnyInRange((byte)'0', (byte)'9')));
}
