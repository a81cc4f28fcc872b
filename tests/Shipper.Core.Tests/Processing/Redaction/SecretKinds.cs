namespace Shipper.Core.Tests.Processing.Redaction;

/// <summary>
/// Invented secrets of each kind. They are put together from parts, so that programs that search repositories for secrets don't report them.
/// </summary>
internal static class SecretKinds
{
    public const string Jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" + "." + "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkphbmUgRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ" + "." + "KMUFsIDTnFmyG3nMiGM6H9FNFUROf3wh7SmqJp-QV30";
    public const string AwsKey = "AKIA" + "QYLPMN5HNM4OJ5DV";
    public const string GitHubToken = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a";
    public const string SlackToken = "xoxb" + "-" + "263594206564" + "-" + "2343594206574" + "-" + "FGqddMF8t08v8N7Oq4i57vs1";
    public const string StripeKey = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc";

    public const string PrivateKeyBody = "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI";
    public const string PrivateKeyEnd = "kL0tZqN3h9d1Pq==";

    /// <summary>The name of each kind, with a secret.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Tokens { get; } =
    [
        new("jwt", Jwt),
        new("jwt", "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6IjFmYTIifQ" + ".eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSJ9" + ".c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"),
        new("aws-key", AwsKey),
        new("aws-key", "ASIA" + "Y34FZKBOKMUTVV7A"),
        new("aws-key", "A3T" + "XQYLPMN5HNM4OJ5DV"),
        new("github-token", GitHubToken),
        new("github-token", "gho_" + "16C7e42F292c6912E7710c838347Ae178B4a"),
        new("github-token", "ghu_" + "16C7e42F292c6912E7710c838347Ae178B4a"),
        new("github-token", "ghs_" + "16C7e42F292c6912E7710c838347Ae178B4a"),
        new("github-token", "ghr_" + "1B4a2e77838347a7E420ce178F2E7c6912E169246c34E1ccbF66C46812d16D5B1A9Dc86A1498"),
        new("github-token", "github_" + "pat_" + "11ABCDEFG0xyzXYZabcdef_" + "ghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abc"),
        new("gitlab-token", "glpat-" + "q9zXsTgN4bVkE2mR7yWa"),
        new("gitlab-token", "glpat-" + "GZ9mrKq4vTnB2xWcYd7RfW86MQp1OjJ5CA" + ".01.0z1x2y3w4"),
        new("gitlab-token", "glrt-" + "t1_q9zXsTgN4bVkE2mR7yWa"),
        new("slack-token", SlackToken),
        new("slack-token", "xoxp-" + "11873098179-111402824422-234336993777-b96c9fb3b69f82ebb79d12f280779de1"),
        new("slack-token", "xapp-" + "1-A052FGTS2DL-5171572773297-610b6a11f4b7eb819e87b767d80e6575a3634791acb9a9ead051da879eb5b55e"),
        new("google-key", "AIza" + "SyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI"),
        new("google-key", "GOCSPX-" + "mVtW3Xq0dLr8aYbN2cZpKfEhJs1u"),
        new("stripe-key", StripeKey),
        new("stripe-key", "rk_" + "live_" + "51H8Rf2eZvKYlo2C0xQJ9nUw"),
        new("npm-token", "npm_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"),
        new("openai-key", "sk-" + "2lT9ZQ4kYfRw8vXc1bNm" + "T3Blbk" + "FJ7hGq5dSp0aLzKe3uWi9r"),
        new("openai-key", "sk-proj-" + "Ab1_Cd2-Ef3Gh4Ij5Kl6Mn7Op8Qr9St0" + "T3Blbk" + "FJUv1Wx2Yz3"),
        new("anthropic-key", "sk-ant-" + "api03-" + "bVkE2mR7yWa-q9zXsTgN4_bVkE2mR7yWaq9zXsTgN4bVkE2mR7yWa-AA"),
        new("vault-token", "hvs." + "CAESIJq9zXsTgN4bVkE2mR7yWaKq9zXsTgN4bVkE2mR7yWaGh4KHGh2cy5x"),
        new("vault-token", "hvb." + "AAAAAQJq9zXsTgN4bVkE2mR7yWaKq9zXsTgN4b_VkE2mR7-yWa"),
        new("docker-token", "dckr_" + "pat_" + "q9zXsTgN4bVkE2mR7yWa_-K1bVk"),
        new("hugging-face-token", "hf_" + "qkzXsTgNxbVkEomRsyWaqlzXsTgNpbVkEe"),
        new("pypi-token", "pypi-" + "AgEI" + "cHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMAACKlszLC"),
        new("sendgrid-key", "SG." + "q9zXsTgN4bVkE2mR7yWaKq" + "." + "q9zXsTgN4bVkE2mR7yWaKq9zXsTgN4bVkE2mR7yWaK1"),
        new("digitalocean-token", "dop_" + "v1_" + "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"),
        new("terraform-token", "q9zXsTgN4bVkE2" + ".atlas" + "v1." + "q9zXsTgN4bVkE2mR7yWaKq9zXsTgN4bVkE2mR7yWaKq9zXsTgN4bVkE2mR7yWaKq9z"),
        new("azure-secret", "Abc" + "8Q~" + "dEfGhIjKlMnOpQrStUvWxYz0123456789-_"[..34]),
        new("azure-secret", "u6_" + "7Q~" + "Z.x9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0"),
    ];

    /// <summary>A private key as a program prints it.</summary>
    public static string PrivateKey(string newline, string label = "RSA ") =>
        string.Join(newline, [$"-----BEGIN {label}PRIVATE KEY-----", .. Enumerable.Repeat(PrivateKeyBody, 4), PrivateKeyEnd, $"-----END {label}PRIVATE KEY-----"]);
}
