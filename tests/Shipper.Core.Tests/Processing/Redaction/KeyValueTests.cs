namespace Shipper.Core.Tests.Processing.Redaction;

public class KeyValueTests
{
    [Theory]
    [InlineData("password={0}")]
    [InlineData("level=info msg=login user=jane password={0} ms=3")]
    [InlineData("level=info DB_PASSWORD=\"{0}\" ms=3")]
    [InlineData("PGPASSWORD='{0}' psql")]
    [InlineData("{{\"user\":\"jane\",\"password\":\"{0}\"}}")]
    [InlineData("{{\"user\":\"jane\", \"Passwd\" : \"{0}\", \"n\":1}}")]
    [InlineData("{{\"msg\":\"{{\\\"user\\\":\\\"jane\\\",\\\"password\\\":\\\"{0}\\\"}}\",\"n\":1}}")]
    [InlineData("{{\"a\":\"{{\\\"b\\\":\\\"{{\\\\\\\"pwd\\\\\\\":\\\\\\\"{0}\\\\\\\"}}\\\"}}\"}}")]
    [InlineData("{{'password': '{0}', 'user': 'jane'}}")]
    [InlineData("{{:password=>\"{0}\", :user=>\"jane\"}}")]
    [InlineData("GET /login?user=jane&password={0}&lang=en HTTP/1.1")]
    [InlineData("POST /login user=jane&new_password1={0}&new_password2=[redacted:password]")]
    [InlineData("DB_PASSWORD_2={0} n=1")]
    [InlineData("db-password-1={0}")]
    [InlineData("db.password.12={0}")]
    [InlineData("{{\"password_2\":\"{0}\"}}")]
    [InlineData("pass_word={0}")]
    [InlineData("ssh-pass-phrase={0}")]
    [InlineData("Server=db;User Id=sa;Password={0};Encrypt=true")]
    [InlineData("{{\"msg\":\"login with password={0}\\nnext\"}}")]
    [InlineData("url=%2Flogin%3Fpassword%3D{0}%26lang%3Den")]
    [InlineData("User(name=jane, password={0})")]
    [InlineData("User{{password={0}, name=jane}}")]
    [InlineData("spring.datasource.password={0}")]
    [InlineData("passphrase={0}")]
    [InlineData("userPassword=\"{0}\"")]
    [InlineData("{{\"form\":{{\"password\":[\"{0}\"]}}}}")]
    [InlineData("map[password:{0} user:jane]")]
    [InlineData("password: {0}")]
    [InlineData("password = {0}")]
    public void Apply_Password_KeepsTheKey(string format) => CheckEach(format, ["hunter2!", "S3cr3t-p4ss", "päss1word", "abc123def456", "$ecret99x"]);

    [Theory]
    [InlineData("client_secret={0}")]
    [InlineData("clientSecret: \"{0}\"")]
    [InlineData("{{\"api_key\":\"{0}\"}}")]
    [InlineData("apiKey={0}")]
    [InlineData("X-Api-Key: {0}")]
    [InlineData("x-api-key={0}")]
    [InlineData("AWS_SECRET_ACCESS_KEY={0}")]
    [InlineData("{{\"SecretAccessKey\":\"{0}\"}}")]
    [InlineData("access_token={0}&expires_in=3600")]
    [InlineData("{{\"access_token\":\"{0}\",\"token_type\":\"bearer\",\"expires_in\":3600}}")]
    [InlineData("{{\"refreshToken\":\"{0}\"}}")]
    [InlineData("token={0}")]
    [InlineData("GET /callback?token={0} HTTP/1.1")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={0};EndpointSuffix=core.windows.net")]
    [InlineData("{{\"private_key\":\"{0}\"}}")]
    [InlineData("{{\"headers\":{{\"X-Vault-Token\":[\"{0}\"]}}}}")]
    public void Apply_OtherSecret_KeepsTheKey(string format) =>
        CheckEach(format, ["9f86d081884c7d659a2feaa0c55ad015", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY", "8f14e45f-ceea-467f-a8d2-7b0c3d1f9a55", "q9zXsTgN4bVkE2mR7yWa=="]);

    [Theory]
    [InlineData("token_type=bearer tokens=15 input_tokens=2048 max_token=4096 token=15")]
    [InlineData("{\"usage\":{\"prompt_tokens\":512,\"completion_tokens\":128,\"token\":12}}")]
    [InlineData("password_reset=true passwordReset=1 reset_password=false")]
    [InlineData("secretName: my-secret, \"secretName\":\"db-credentials\"")]
    [InlineData("\"Couldn't get secret\" secret=\"kube-system/bootstrap-token-x7k2p\" err=\"not found\"")]
    [InlineData("imagePullSecret=regcred-default tls-secret=shop-tls")]
    [InlineData("password=null password=true password= password=\"\" password=*** password=xxxxxxxx password=[FILTERED] password=<redacted>")]
    [InlineData("{\"password\":null,\"secret\":true,\"token\":{\"id\":1},\"apiKey\":[],\"pwd\":\"\"}")]
    [InlineData("PWD=/app OLDPWD=/home/shop pwd=/srv/www")]
    [InlineData("password=${DB_PASSWORD} password={{ .Values.password }} password=%s password=$1 password=:password password=?")]
    [InlineData("unexpected token: 'foo' at line 3; unexpected token \"}\" in JSON at position 12")]
    [InlineData("wrong password: try again, or reset the password: https://example.com/reset")]
    [InlineData("Enter password:")]
    [InlineData("nextPageToken=CAUQAA0123456789abc continue_token=eyJ2IjoibWV0YS5rOHMuaW8vdjEi")]
    [InlineData("cancellationToken=System.Threading.CancellationToken token=org.springframework.Token@6d1e7682")]
    [InlineData("if (token == null || token != expected123456789) { secret => 0 }")]
    [InlineData("token: lexer.next(), secret: \"default/db-credentials\"")]
    [InlineData("MountVolume.SetUp failed for volume \"creds\" : secret \"db-credentials\" not found")]
    [InlineData("{\"errors\":{\"password\":[\"is too short (minimum is 8 characters)\"]}}")]
    [InlineData("token=missing apikey=invalid secret=none")]
    [InlineData("serviceaccount/token=/var/run/secrets/kubernetes.io/serviceaccount/token")]
    [InlineData("passwordFile=/run/secrets/db password_hash=1234567890abcdef secretVersion=12")]
    public void Apply_NoSecret_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line));

    [Theory]
    [InlineData("PASSWORD = 'with spaces here'", "PASSWORD = '[redacted:password]'")]
    [InlineData("SELECT 1 FROM u WHERE password = 'abc' AND id = 1", "SELECT 1 FROM u WHERE password = '[redacted:password]' AND id = 1")]
    [InlineData("run --password hunter2 -v", "run --password [redacted:password] -v")]
    [InlineData("run --db-password=hunter2 -v", "run --db-password=[redacted:password] -v")]
    [InlineData("{\"args\":[\"--user\",\"jane\",\"--password\",\"sesame\"]}", "{\"args\":[\"--user\",\"jane\",\"--password\",\"[redacted:password]\"]}")]
    [InlineData("['--password', 'sesame']", "['--password', '[redacted:password]']")]
    [InlineData("<user>jane</user><password>sesame</password>", "<user>jane</user><password>[redacted:password]</password>")]
    [InlineData("<wsse:Password Type=\"x#PasswordText\">a b</wsse:Password>", "<wsse:Password Type=\"x#PasswordText\">[redacted:password]</wsse:Password>")]
    [InlineData("{\"password\":[\"a1b2c3d4\",\"b5\"],\"n\":1}", "{\"password\":[\"[redacted:password]\"],\"n\":1}")]
    [InlineData("{\"password\":[\"\", \"a1b2c3d4\"],\"n\":1}", "{\"password\":[\"\", \"[redacted:password]\"],\"n\":1}")]
    [InlineData("SECRET_KEY_BASE=9f8e7d6c5b4a3928", "SECRET_KEY_BASE=[redacted:password]")]
    [InlineData("Server=db;User Id=sa;Password=correct horse battery;Encrypt=true", "Server=db;User Id=sa;Password=[redacted:password];Encrypt=true")]
    [InlineData("Password=correct horse battery;Server=db", "Password=[redacted:password];Server=db")]
    [InlineData("{\"db\":\"Server=db;Password=correct horse battery\",\"n\":1}", "{\"db\":\"Server=db;Password=[redacted:password]\",\"n\":1}")]
    [InlineData("Driver={ODBC 18};Pwd={a b; c};Server=db", "Driver={ODBC 18};Pwd=[redacted:password];Server=db")]
    [InlineData("jdbc:sqlserver://h;user=a;password={P@ss;w0rd};x=1", "jdbc:sqlserver://h;user=a;password=[redacted:password]};x=1")]
    [InlineData("psql \"host=db user=x password='a b' dbname=y\"", "psql \"host=db user=x password='[redacted:password]' dbname=y\"")]
    [InlineData("login with password=hunter2 failed; retry", "login with password=[redacted:password] failed; retry")]
    [InlineData("{u'password': u'hunter2'}", "{u'password': u'[redacted:password]'}")]
    [InlineData("{'password': b'hunter2', 'n': 1}", "{'password': b'[redacted:password]', 'n': 1}")]
    [InlineData("{u'password': [u'hunter2', u'x1']}", "{u'password': [u'[redacted:password]']}")]
    [InlineData("Login { user: \"jane\", password: Some(\"hunter2\") }", "Login { user: \"jane\", password: Some(\"[redacted:password]\") }")]
    public void Apply_OtherForms_RemovesTheValue(string line, string expected)
    {
        Assert.Equal(expected, Redaction.Of(line));
        Assert.Equal(expected, Redaction.Of(expected));
    }

    [Theory]
    [InlineData("password: \"correct horse battery\"", "password: \"[redacted:password]\"")]
    [InlineData("password = \"a b c\"", "password = \"[redacted:password]\"")]
    [InlineData("db:\n  user: shop\n  password: 'sesame' # old\n  port: 5432", "db:\n  user: shop\n  password: '[redacted:password]' # old\n  port: 5432")]
    [InlineData("- password: 'open sesame'", "- password: '[redacted:password]'")]
    [InlineData("{ user: 'jane', password: 'open sesame' }", "{ user: 'jane', password: '[redacted:password]' }")]
    [InlineData("Login(user: \"jane\", password: \"open sesame\")", "Login(user: \"jane\", password: \"[redacted:password]\")")]
    [InlineData("{\"msg\":\"user: jane\\npassword: \\\"open sesame\\\"\\n\"}", "{\"msg\":\"user: jane\\npassword: \\\"[redacted:password]\\\"\\n\"}")]
    [InlineData("{\"msg\":\"password: 'open sesame'\"}", "{\"msg\":\"password: '[redacted:password]'\"}")]
    [InlineData("password: 12345678", "password: [redacted:password]")]
    [InlineData("password = 12345678", "password = [redacted:password]")]
    [InlineData("  db_password: 123456\n  port: 5432", "  db_password: [redacted:password]\n  port: 5432")]
    [InlineData("map[password:12345678 user:jane]", "map[password:[redacted:password] user:jane]")]
    [InlineData("{ user: 'jane', password: 12345678 }", "{ user: 'jane', password: [redacted:password] }")]
    public void Apply_PasswordAsData_RemovesIt(string line, string expected)
    {
        Assert.Equal(expected, Redaction.Of(line));
        Assert.Equal(expected, Redaction.Of(expected));
    }

    [Theory]
    [InlineData("wrong password: \"try again later\"")]
    [InlineData("wrong password: \"sesame\" is too short")]
    [InlineData("getpass.getpass(prompt='Password: ', stream=None)")]
    [InlineData("{\"msg\":\"print(\\\"Password: \\\", end)\"}")]
    [InlineData("wrong password: 3, locked after 5")]
    [InlineData("user 7 changed the password: 12345678 rows updated")]
    [InlineData("password: 12")]
    [InlineData("password: changed")]
    [InlineData("  password: string")]
    [InlineData("token: \"of the next page\"")]
    public void Apply_PasswordInASentence_IsLeft(string line) => Assert.Equal(line, Redaction.Of(line));

    [Theory]
    [InlineData("\u001b[36muser\u001b[0m=bob \u001b[36mpassword\u001b[0m=hunter2", "\u001b[36muser\u001b[0m=bob \u001b[36mpassword\u001b[0m=[redacted:password]")]
    [InlineData("\u001b[1;36mpassword=\u001b[0m\u001b[31mhunter2\u001b[0m \u001b[36mn=\u001b[0m1", "\u001b[1;36mpassword=\u001b[0m\u001b[31m[redacted:password]\u001b[0m \u001b[36mn=\u001b[0m1")]
    [InlineData("{ user: \u001b[32m'jane'\u001b[39m, password: \u001b[32m'open sesame'\u001b[39m }", "{ user: \u001b[32m'jane'\u001b[39m, password: \u001b[32m'[redacted:password]'\u001b[39m }")]
    [InlineData("\u001b[35mpassword\u001b[39m: \"hunter2\"", "\u001b[35mpassword\u001b[39m: \"[redacted:password]\"")]
    [InlineData("{\"msg\":\"\\u001b[36mpassword\\u001B[0m=hunter2\\u001b[0m\"}", "{\"msg\":\"\\u001b[36mpassword\\u001B[0m=[redacted:password]\\u001b[0m\"}")]
    public void Apply_Colors_RemovesTheValue(string line, string expected)
    {
        Assert.Equal(expected, Redaction.Of(line));
        Assert.Equal(expected, Redaction.Of(expected));
    }

    [Theory]
    [InlineData("password=[redacted:x]hunter2secret", "password=[redacted:password]")]
    [InlineData("password=[redacted:x][redacted:y]hunter2", "password=[redacted:password]")]
    [InlineData("{\"password\":\"[redacted:x] hunter2\"}", "{\"password\":\"[redacted:password]\"}")]
    [InlineData("password=[redacted:hunter2", "password=[redacted:password]")]
    [InlineData("password=[redacted:]hunter2", "password=[redacted:password]")]
    [InlineData("Cookie: session=[redacted:x]9f8e7d6c", "Cookie: [redacted:cookie]")]
    [InlineData("postgres://shop:[redacted:x]hunter2@db/orders", "postgres://shop:[redacted:url-password]@db/orders")]
    [InlineData("<password>[redacted:x]hunter2</password>", "<password>[redacted:password]</password>")]
    public void Apply_ValueBehindAPretendedMarker_IsRemoved(string line, string expected)
    {
        Assert.Equal(expected, Redaction.Of(line));
        Assert.Equal(expected, Redaction.Of(expected));
    }

    [Theory]
    [InlineData("password=[redacted:order][redacted:order], token=[redacted:jwt]) secret: \"[redacted:private-key]\\n\"")]
    [InlineData("Cookie: a=[redacted:jwt]; b=[redacted:jwt]")]
    [InlineData("Password=[redacted:password];Server=db postgres://shop:[redacted:url-password]@db")]
    public void Apply_Markers_AreLeft(string line) => Assert.Equal(line, Redaction.Of(line));

    [Theory]
    [InlineData("Cookie: JSESSIONID=9f8e7d6c5b4a; theme=dark", "Cookie: [redacted:cookie]")]
    [InlineData("curl -H 'Cookie: a=b; c=d' https://shop", "curl -H 'Cookie: [redacted:cookie]' https://shop")]
    [InlineData("Set-Cookie: session=abc; Path=/; HttpOnly", "Set-Cookie: [redacted:cookie]; Path=/; HttpOnly")]
    [InlineData("{\"headers\":{\"cookie\":\"a=b; c=d\",\"set-cookie\":[\"s=1f; Path=/\"]}}", "{\"headers\":{\"cookie\":\"[redacted:cookie]\",\"set-cookie\":[\"[redacted:cookie]; Path=/\"]}}")]
    [InlineData("method=GET cookie=\"a=b; c=d\" ms=1", "method=GET cookie=\"[redacted:cookie]\" ms=1")]
    [InlineData("map[Accept:[*/*] Cookie:[a=b; c=d]]", "map[Accept:[*/*] Cookie:[[redacted:cookie]]]")]
    [InlineData("{\"authorization\":\"9f8e7d6c5b4a39281706f5e4d3c2b1a0\"}", "{\"authorization\":\"[redacted:password]\"}")]
    [InlineData("Authorization: Token 9f8e7d6c5b4a39281706f5e4d3c2b1a0", "Authorization: Token [redacted:password]")]
    [InlineData("{\"Authorization\":\"ApiKey 9f8e7d6c5b4a39281706f5e4d3c2b1a0\",\"n\":1}", "{\"Authorization\":\"ApiKey [redacted:password]\",\"n\":1}")]
    public void Apply_Header_RemovesCookiesAndCredentials(string line, string expected)
    {
        Assert.Equal(expected, Redaction.Of(line));
        Assert.Equal(expected, Redaction.Of(expected));
    }

    [Fact]
    public void Apply_NumberInJson_StaysValidJson()
    {
        Assert.Equal("{\"password\":\"[redacted:password]\",\"n\":1}", Redaction.Of("{\"password\":123456,\"n\":1}"));
        Assert.Equal("{\"m\":\"{\\\"password\\\":\\\"[redacted:password]\\\"}\"}", Redaction.Of("{\"m\":\"{\\\"password\\\":1234}\"}"));
        Assert.Equal("{\"password\":\"[redacted:password]\",\"n\":1}", Redaction.Of("{\"password\":12.5,\"n\":1}"));
        Assert.Equal("{\"pwd\": \"[redacted:password]\"}", Redaction.Of("{\"pwd\": -1.5E+20}"));
    }

    [Theory]
    [InlineData("password=")]
    [InlineData("{\"password\":\"")]
    [InlineData("{\"m\":\"{\\\"password\\\":\\\"")]
    public void Apply_LineCutInAValue_RemovesItsBeginning(string before)
    {
        const string Secret = "cOrrect-h0rse-battery";
        for (int kept = 1; kept <= Secret.Length; kept++)
        {
            Assert.Equal(before + "[redacted:password]", Redaction.Of(before + Secret[..kept], isCut: true));
        }
    }

    [Theory]
    [InlineData("{\"password\":\"a\\\"b\\\\\",\"n\":1}", "{\"password\":\"[redacted:password]\",\"n\":1}")]
    [InlineData("{\"m\":\"{\\\"password\\\":\\\"a\\\\\\\"b\\\",\\\"n\\\":1}\"}", "{\"m\":\"{\\\"password\\\":\\\"[redacted:password]\\\",\\\"n\\\":1}\"}")]
    [InlineData("{\"m\":\"password=\\\"abc\"}", "{\"m\":\"password=\\\"[redacted:password]\"}")]
    [InlineData("password=a&b=c;d,e", "password=[redacted:password]&b=c;d,e")]
    [InlineData("password=a&b;c,d) x", "password=[redacted:password]) x")]
    [InlineData("password=\"a b c", "password=\"[redacted:password]")]
    [InlineData("password=\"a b c\nnext line", "password=\"[redacted:password]\nnext line")]
    [InlineData("password=a\u00e4\u00a7\"b x", "password=[redacted:password] x")]
    public void Apply_ValueWithSigns_RemovesAllOfIt(string line, string expected) => Assert.Equal(expected, Redaction.Of(line));

    [Fact]
    public void Apply_TokenOfKnownFormAsValue_GetsItsName()
    {
        Assert.Equal("token=[redacted:jwt]", Redaction.Of($"token={SecretKinds.Jwt}"));
        Assert.Equal("{\"password\":\"[redacted:github-token]\"}", Redaction.Of($"{{\"password\":\"{SecretKinds.GitHubToken}\"}}"));
    }

    private static void CheckEach(string format, string[] secrets)
    {
        foreach (string secret in secrets)
        {
            string line = string.Format(System.Globalization.CultureInfo.InvariantCulture, format, secret);

            Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, "[redacted:password]"), Redaction.Of(line));
            Assert.Equal(Redaction.Of(line), Redaction.Of(Redaction.Of(line)));
        }
    }
}
