using System.Text;

namespace Shipper.Processing.Redaction;

/// <summary>The name of a kind of text that is removed, and what takes its place.</summary>
/// <param name="name">The name: lower case with dashes, or that of a pattern in the configuration.</param>
/// <param name="number">Number of the kind in <see cref="BuiltIn"/>; behind these, that of a pattern in the configuration.</param>
/// <param name="countedAs">What it is counted as, if not under its name: names that pods have chosen must not become values of a metric's label.</param>
internal sealed class RedactName(string name, int number, string? countedAs = null)
{
    public static readonly RedactName PrivateKey = new("private-key", 0);
    public static readonly RedactName Jwt = new("jwt", 1);
    public static readonly RedactName AwsKey = new("aws-key", 2);
    public static readonly RedactName GitHubToken = new("github-token", 3);
    public static readonly RedactName GitLabToken = new("gitlab-token", 4);
    public static readonly RedactName SlackToken = new("slack-token", 5);
    public static readonly RedactName GoogleKey = new("google-key", 6);
    public static readonly RedactName StripeKey = new("stripe-key", 7);
    public static readonly RedactName NpmToken = new("npm-token", 8);
    public static readonly RedactName OpenAiKey = new("openai-key", 9);
    public static readonly RedactName AnthropicKey = new("anthropic-key", 10);
    public static readonly RedactName AzureSecret = new("azure-secret", 11);
    public static readonly RedactName Bearer = new("bearer", 12);
    public static readonly RedactName Basic = new("basic", 13);
    public static readonly RedactName UrlPassword = new("url-password", 14);
    public static readonly RedactName Password = new("password", 15);
    public static readonly RedactName Card = new("card", 16);
    public static readonly RedactName Email = new("email", 17);
    public static readonly RedactName Ip = new("ip", 18);
    public static readonly RedactName Iban = new("iban", 19);
    public static readonly RedactName Cookie = new("cookie", 20);
    public static readonly RedactName VaultToken = new("vault-token", 21);
    public static readonly RedactName DockerToken = new("docker-token", 22);
    public static readonly RedactName HuggingFaceToken = new("hugging-face-token", 23);
    public static readonly RedactName PyPiToken = new("pypi-token", 24);
    public static readonly RedactName SendGridKey = new("sendgrid-key", 25);
    public static readonly RedactName DigitalOceanToken = new("digitalocean-token", 26);
    public static readonly RedactName TerraformToken = new("terraform-token", 27);

    /// <summary>The built-in kinds, by their number.</summary>
    public static readonly RedactName[] BuiltIn =
    [
        PrivateKey, Jwt, AwsKey, GitHubToken, GitLabToken, SlackToken, GoogleKey, StripeKey, NpmToken, OpenAiKey, AnthropicKey, AzureSecret, Bearer, Basic,
        UrlPassword, Password, Card, Email, Ip, Iban, Cookie, VaultToken, DockerToken, HuggingFaceToken, PyPiToken, SendGridKey, DigitalOceanToken,
        TerraformToken,
    ];

    private readonly byte[] _marker = Encoding.UTF8.GetBytes($"{RedactMarker.Start}{name}]");

    /// <summary>The label <c>rule</c> of the metric, which is compared by reference.</summary>
    public string CountedAs { get; } = countedAs ?? string.Intern(name);

    /// <summary>The kind as a bit. The patterns behind the 64th kind share the last one.</summary>
    public ulong Bit { get; } = 1UL << Math.Min(number, 63);

    /// <summary>What takes the place of the text: <c>[redacted:NAME]</c>.</summary>
    public ReadOnlySpan<byte> Marker => _marker;
}
