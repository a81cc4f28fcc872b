using System.Text;
using Shipper.Core.Tests.Processing.Redaction;
using Shipper.Processing;
using Shipper.Processing.Redaction;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// One line, with a secret planted in it as a word of its own: the secret never comes out. Redacting what came out changes nothing, and what comes out is no
/// longer than the buffer, whatever the line is.
/// </summary>
internal sealed class RedactTarget : FuzzTarget
{
    private static readonly byte[][] Tokens = [.. SecretKinds.Tokens.Select(row => Encoding.UTF8.GetBytes(row.Data.Item2))];

    private readonly RedactStage _secrets = new(Redaction.Secrets);
    private readonly RedactStage _everything = new(Redaction.Everything);
    private readonly StageContext _context = new(64 * 1024);

    public override string Name => "redact";

    public override IEnumerable<byte[]> Seeds =>
    [
        .. Enumerable.Range(0, OrdinaryLines.Formats).Select(format => Encoding.UTF8.GetBytes(new OrdinaryLines(1).Next(format))),
        Encoding.UTF8.GetBytes(SecretKinds.PrivateKey("\\n")),
        Encoding.UTF8.GetBytes(SecretKinds.PrivateKey("\n")),
        .. Tokens,
        "{\"msg\":\"{\\\"password\\\":\\\"hunter2\\\"}\",\"url\":\"postgres://shop:s3cr3t@db/orders\"}"u8.ToArray(),
        "jane@example.com 10.42.3.17 2001:db8::1 4111 1111 1111 1111 DE89 3704 0044 0532 0130 00"u8.ToArray(),
        "{\"name\":\"DB_PASSWORD\",\"value\":\"hunter2\"} {Name:DB_PASSWORD,Value:hunter2,ValueFrom:nil,}"u8.ToArray(),
        "\u001b[36mpassword\u001b[0m=hunter2 password: \"a b\"\npassword: 12345678\n{u'password': u'x1', 'pwd': 12.5}"u8.ToArray(),
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== Authorization: Bearer mF_9.B5f-4.1JqM"u8.ToArray(),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        "password"u8.ToArray(), "token"u8.ToArray(), "\"secret\":\""u8.ToArray(), "="u8.ToArray(), ":"u8.ToArray(), "\\\""u8.ToArray(), "\""u8.ToArray(), "://"u8.ToArray(), "@"u8.ToArray(),
        "%40"u8.ToArray(), "-----BEGIN RSA PRIVATE KEY-----"u8.ToArray(), "-----END RSA PRIVATE KEY-----"u8.ToArray(), "eyJ"u8.ToArray(), "Bearer "u8.ToArray(), "Basic "u8.ToArray(),
        "::"u8.ToArray(), "10.1.2.3"u8.ToArray(), "4111"u8.ToArray(), "DE89"u8.ToArray(), "[redacted:password]"u8.ToArray(), "\\n"u8.ToArray(), "T3BlbkFJ"u8.ToArray(), "7Q~"u8.ToArray(), "\n"u8.ToArray(),
        "&"u8.ToArray(), ", "u8.ToArray(), "%3D"u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(),
        "[redacted:x]"u8.ToArray(), "[redacted:"u8.ToArray(), "\u001b[36m"u8.ToArray(), "\\u001b[0m"u8.ToArray(), "\"name\":\""u8.ToArray(), "\",\"value\":\""u8.ToArray(), "Name:"u8.ToArray(), ",Value:"u8.ToArray(),
        ": u'"u8.ToArray(), "-1.5e+3"u8.ToArray(), "-----END CERTIFICATE-----"u8.ToArray(), "postgres://a:b@c"u8.ToArray(), "/"u8.ToArray(),
    ];

    public override string Check(byte[] input)
    {
        Random random = RandomOf(input);
        int more = random.Next(2);
        byte[] once = Run(_everything, input, more, out long length);
        Assert.True(length >= once.Length);
        Run(_secrets, once, more, out _);
        if (more == 0)
        {
            byte[] twice = Run(_everything, once, 0, out _);
            Assert.Equal(Encoding.Latin1.GetString(once), Encoding.Latin1.GetString(twice));
        }

        // As a part of a longer word, the token would be left.
        byte[] token = Tokens[random.Next(Tokens.Length)];
        if (input.AsSpan().IndexOf(token) >= 0)
        {
            return "twice";
        }

        int place = random.Next(input.Length + 1);
        byte[] planted = [.. input[..place], (byte)' ', .. token, (byte)' ', .. input[place..]];
        Assert.True(Run(_secrets, planted, more, out _).AsSpan().IndexOf(token) < 0, "the token is still there");
        return $"{Magnitude(once.Length - input.Length)} {Magnitude(_context.Counts.Count)} {string.Join(' ', _context.Counts.Select(count => count.Rule))}";
    }

    private byte[] Run(RedactStage sut, byte[] line, int more, out long length)
    {
        RecordDraft draft = Redaction.Draft(line, line.Length + more);
        _context.Memory = new StageMemory();
        _context.ClearCounts();
        sut.Apply(ref draft, _context);
        length = draft.Length;
        return draft.Line.ToArray();
    }
}
