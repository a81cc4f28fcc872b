using Shipper.Processing;

namespace Shipper.Core.Tests.Processing.Redaction;

public class TokenTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Tokens => SecretKinds.Tokens;

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Apply_TokenAnywhereInALine_IsRemoved(string name, string secret)
    {
        foreach ((string before, string after) in new[]
        {
            ("", ""), ("created ", " for the build"), ("\"", "\""), ("(", ")."), ("{\"msg\":\"got ", "\\n\",\"n\":1}"), ("{\\\"a\\\":\\\"", "\\\"}"), ("key is ", "."), ("key=", "&x=1"),
            ("a\\n", "\\n"), ("q=%22", "%22"), ("\u001b[32m", "\u001b[0m"), ("<b>", "</b>"), ("schlüssel: „", "“"),
        })
        {
            string line = before + secret + after;

            Assert.Equal($"{before}[redacted:{name}]{after}", Redaction.Of(line));
        }
    }

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Apply_TokenAtEveryPlace_IsRemoved(string name, string secret)
    {
        for (int before = 0; before < 40; before++)
        {
            for (int after = 0; after < 20; after++)
            {
                string line = $"{new string('x', before)} {secret} {new string('y', after)}";

                Assert.Equal(line.Replace(secret, $"[redacted:{name}]", StringComparison.Ordinal), Redaction.Of(line));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Apply_LineCutInAToken_RemovesItsBeginning(string name, string secret)
    {
        // The part that is looked for is not at the beginning of the older keys of OpenAI and the secrets of Azure.
        int first = name switch
        {
            "openai-key" when !secret.StartsWith("sk-proj-", StringComparison.Ordinal) => 31,
            "azure-secret" => 6,
            "terraform-token" => 23,
            "docker-token" or "pypi-token" => 9,
            _ => secret.StartsWith("github_", StringComparison.Ordinal) ? 11 : 8,
        };
        for (int kept = first; kept < secret.Length; kept++)
        {
            Assert.Equal($"the token is [redacted:{name}]", Redaction.Of("the token is " + secret[..kept], isCut: true));
        }
    }

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Apply_TokenInALongerWord_IsLeft(string name, string secret)
    {
        // Such words are those of a hash or of something encoded.
        Assert.Equal($"x{secret}", Redaction.Of($"x{secret}"));
        Assert.NotEmpty(name);
    }

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Apply_SecondTime_ChangesNothing(string name, string secret)
    {
        string once = Redaction.Of($"a {secret} and password={secret}, {secret}");

        Assert.Contains($"[redacted:{name}]", once, StringComparison.Ordinal);
        Assert.Equal(once, Redaction.Of(once));
    }

    [Theory]
    [InlineData("Authorization: Bearer {0}", "bearer", "mF_9.B5f-4.1JqM")]
    [InlineData("authorization=Bearer {0}", "bearer", "mF_9.B5f-4.1JqM")]
    [InlineData("{{\"Authorization\":\"Bearer {0}\",\"Accept\":\"*/*\"}}", "bearer", "abcdefgh")]
    [InlineData("{{\"Authorization\":[\"Bearer {0}\"]}}", "bearer", "abcdefgh")]
    [InlineData("{{\\\"authorization\\\":\\\"bearer {0}\\\"}}", "bearer", "mF_9.B5f-4.1JqM")]
    [InlineData("> GET /v1 HTTP/1.1, Proxy-Authorization: Bearer {0}", "bearer", "mF_9.B5f-4.1JqM")]
    [InlineData("curl -H 'Authorization: Bearer {0}' https://api.example.com", "bearer", "0123456789abcdef0123456789abcdef")]
    [InlineData("sent Bearer {0}", "bearer", "0b79bab50daca910b000d4f1a2b675d604257e42")]
    [InlineData("Authorization: Basic {0}", "basic", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==")]
    [InlineData("authorization: basic {0}", "basic", "QWxhZGRpbjpvcGVuIHNlc2FtZQ")]
    [InlineData("{{\"headers\":{{\"Authorization\":\"Basic {0}\"}}}}", "basic", "YWRtaW46czNjcjN0")]
    public void Apply_CredentialsOfHttp_KeepsTheScheme(string format, string name, string secret)
    {
        string line = string.Format(System.Globalization.CultureInfo.InvariantCulture, format, secret);

        Assert.Equal(line.Replace(secret, $"[redacted:{name}]", StringComparison.Ordinal), Redaction.Of(line));
    }

    [Theory]
    [InlineData("WWW-Authenticate: Bearer realm=\"https://auth.example.com/token\",service=\"registry.example.com\"")]
    [InlineData("bearer authentication is not configured")]
    [InlineData("Bearer token missing")]
    [InlineData("no basic auth credentials")]
    [InlineData("Basic information about the device")]
    [InlineData("Authorization: Basic")]
    [InlineData("Authorization: Bearer <token>")]
    [InlineData("Authorization: Bearer ********")]
    [InlineData("eyJ is the base64 of a brace, and eyJhIjoxfQ.eyJhIjoxfQ.abc is no token")]
    [InlineData("commit AKIA is short, and AKIAQYLPMN5HNM4OJ5DVX too long")]
    [InlineData("npm_config_cache=/tmp npm_package_version=1.2.3 npm_lifecycle_event=build")]
    [InlineData("ghp_short xoxb-no-digits-in-this-one-here sk_live_short AIzaShort")]
    [InlineData("the chain of blocks glpat-short and task-proj-abcdefghijklmnopqrstuvwxyz")]
    public void Apply_SomethingElse_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line));

    [Theory]
    [InlineData("postgres://shop:{0}@db.example.com:5432/orders?sslmode=require")]
    [InlineData("connecting to amqp://user:{0}@rabbit:5672/%2F failed")]
    [InlineData("\"url\":\"redis://:{0}@cache:6379/0\"")]
    [InlineData("mongodb+srv://shop:{0}@a.example.com,b.example.com/orders")]
    [InlineData("{{\"dsn\":\"mysql:\\/\\/root:{0}@db:3306\\/shop\"}}")]
    [InlineData("git clone https://oauth2:{0}@gitlab.example.com/shop/orders.git")]
    public void Apply_PasswordInUrl_KeepsTheRest(string format)
    {
        foreach (string secret in new[] { "s3cr3t", "a", "p@ss", "with:colon", "hunter2%21", "päss" })
        {
            string line = string.Format(System.Globalization.CultureInfo.InvariantCulture, format, secret);

            Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, "[redacted:url-password]"), Redaction.Of(line));
        }
    }

    [Theory]
    [InlineData("postgres://shop:pa/ss@db/orders", "postgres://shop:[redacted:url-password]@db/orders")]
    [InlineData("postgres://shop:p@ss:w/rd@db/orders", "postgres://shop:[redacted:url-password]@db/orders")]
    [InlineData("redis://:p@ss/word@cache:6379/0?name=a@b", "redis://:[redacted:url-password]@cache:6379/0?name=a@b")]
    [InlineData("https://jane:p@ss:w/rd@git.example.com/shop.git", "https://jane:[redacted:url-password]@git.example.com/shop.git")]
    [InlineData("https://jane:hunter2@registry.example.com:8443/@shop/cart", "https://jane:[redacted:url-password]@registry.example.com:8443/@shop/cart")]
    [InlineData("https://jane:hunter2@example.com/?mail=a@b", "https://jane:[redacted:url-password]@example.com/?mail=a@b")]
    [InlineData("mongodb://shop:hunter2@[2001:db8::1]:27017,b:27017/x", "mongodb://shop:[redacted:url-password]@[2001:db8::1]:27017,b:27017/x")]
    [InlineData("https://[redacted:email]:hunter2@example.com/", "https://[redacted:email]:[redacted:url-password]@example.com/")]
    [InlineData("https://shop-[redacted:x][redacted:y]:[redacted:z]2@example.com/", "https://shop-[redacted:x][redacted:y]:[redacted:url-password]@example.com/")]
    [InlineData("postgres://a:b@c, postgres://d:e@f", "postgres://a:[redacted:url-password]@c, postgres://d:[redacted:url-password]@f")]
    public void Apply_SignsInPasswordOfUrl_RemovesAllOfIt(string line, string expected)
    {
        Assert.Equal(expected, Redaction.Of(line));
        Assert.Equal(expected, Redaction.Of(expected));
    }

    [Theory]
    [InlineData("GET http://example.com:8080/a@b 200")]
    [InlineData("https://user@example.com/path")]
    [InlineData("http://[2001:db8::1]:80/user:x@y")]
    [InlineData("https://example.com/?q=a:b@c")]
    [InlineData("postgres://shop:${DB_PASSWORD}@db/orders")]
    [InlineData("postgres://shop:***@db/orders")]
    [InlineData("postgres://shop:xxxxx@db/orders")]
    [InlineData("ws://:8080, see https://example.com:443, user:name@host")]
    public void Apply_UrlWithoutPassword_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line));

    [Fact]
    public void Apply_Twice_CountsTheRecordOnceForEachKind()
    {
        var context = new StageContext(Redaction.MaxLineBytes);

        Redaction.Of($"{SecretKinds.AwsKey} {SecretKinds.AwsKey} {SecretKinds.GitHubToken}", context: context);
        Redaction.Of($"{SecretKinds.AwsKey}", context: context);

        Assert.Equal([new StageCount("redact", "aws-key", 2, 0), new StageCount("redact", "github-token", 1, 0)], context.Counts);
    }
}
