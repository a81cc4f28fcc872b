using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Redaction;

public class RedactStageTests
{
    [Fact]
    public void Apply_NothingToRemove_KeepsTheDraft()
    {
        byte[] line = "level=info msg=\"order created\" ms=12"u8.ToArray();
        RecordDraft draft = Redaction.Draft(line, line.Length);
        var context = new StageContext(Redaction.MaxLineBytes);

        Assert.Equal(StageVerdict.Keep, new RedactStage(Redaction.Everything).Apply(ref draft, context));

        Assert.True(draft.Line == line);
        Assert.True(draft.IsAscii);
        Assert.Empty(context.Counts);
    }

    [Fact]
    public void Apply_NothingConfigured_RemovesNothing() =>
        Assert.Equal(SecretKinds.AwsKey, Redaction.Of(SecretKinds.AwsKey, new RedactOptions()));

    [Fact]
    public void Apply_LineOfAnEarlierStage_IsReadWhileItIsWritten()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        Span<byte> buffer = context.NextLine();
        int length = Encoding.UTF8.GetBytes($"10.1.2.3 {SecretKinds.AwsKey} jane@example.com 4111111111111111", buffer);
        var draft = new RecordDraft { Line = buffer[..length], Length = length };

        new RedactStage(Redaction.Everything).Apply(ref draft, context);

        Assert.Equal("[redacted:ip] [redacted:aws-key] [redacted:email] [redacted:card]", Encoding.UTF8.GetString(draft.Line));
        Assert.Equal(draft.Line.Length, draft.Length);
    }

    [Fact]
    public void Apply_ResultLongerThanTheBuffer_IsCutAndCountedAsTruncated()
    {
        string line = string.Join(' ', Enumerable.Repeat("pwd=a1", 500));
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        RecordDraft draft = Redaction.Draft(bytes, bytes.Length + 10);
        string whole = line.Replace("a1", "[redacted:password]", StringComparison.Ordinal);

        new RedactStage(Redaction.Everything).Apply(ref draft, new StageContext(Redaction.MaxLineBytes));

        Assert.Equal(whole[..Redaction.MaxLineBytes], Encoding.UTF8.GetString(draft.Line));
        Assert.Equal(whole.Length + 10, draft.Length);
    }

    [Fact]
    public void Apply_Metadata_ChangesOnlyWhatStagesAdded()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        var draft = new RecordDraft { Line = "login"u8, Length = 5, Metadata = EntryMetadata.Encode("stream"u8, Encoding.UTF8.GetBytes(SecretKinds.AwsKey)) };
        context.AddMetadata(ref draft, "level"u8, "info"u8);
        context.AddMetadata(ref draft, "mail"u8, "jane@example.com"u8);
        context.AddMetadata(ref draft, "password"u8, "hunter2"u8);
        context.AddMetadata(ref draft, "key"u8, Encoding.UTF8.GetBytes($"{SecretKinds.AwsKey} {SecretKinds.AwsKey}"));

        new RedactStage(Redaction.Everything).Apply(ref draft, context);

        byte[] added =
        [
            .. EntryMetadata.Encode("level"u8, "info"u8), .. EntryMetadata.Encode("mail"u8, "[redacted:email]"u8),
            .. EntryMetadata.Encode("password"u8, "[redacted:password]"u8), .. EntryMetadata.Encode("key"u8, "[redacted:aws-key] [redacted:aws-key]"u8),
        ];
        Assert.Equal([.. EntryMetadata.Encode("stream"u8, Encoding.UTF8.GetBytes(SecretKinds.AwsKey)), .. added], draft.Metadata.ToArray());
        Assert.Equal(added.Length, draft.AddedMetadataBytes);
        Assert.Equal(["aws-key", "password", "email"], context.Counts.Select(count => count.Rule));
    }

    [Fact]
    public void Apply_SameKindInLineAndMetadata_IsCountedOnce()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        byte[] line = Encoding.UTF8.GetBytes(SecretKinds.AwsKey);
        RecordDraft draft = Redaction.Draft(line, line.Length);
        context.AddMetadata(ref draft, "key"u8, line);

        new RedactStage(Redaction.Secrets).Apply(ref draft, context);

        Assert.Equal([new StageCount("redact", "aws-key", 1, 0)], context.Counts);
    }

    [Theory]
    [InlineData("orders-5d8f9c7b6d-x2k4p", "orders-5d8f9c7b6d-x2k4p")]
    [InlineData("", "")]
    [InlineData("jane@example.com, 10.1.2.3", "[redacted:email], [redacted:ip]")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----", "[redacted:private-key]")]
    public void Redact_Value_RemovesTheSame(string value, string expected) => Assert.Equal(expected, new RedactStage(Redaction.Everything).Redact(value));

    [Fact]
    public void Redact_ManyShortSecrets_FitsAll()
    {
        string value = string.Join('&', Enumerable.Repeat("pwd=a", 100));

        Assert.Equal(value.Replace("=a", "=[redacted:password]", StringComparison.Ordinal), new RedactStage(Redaction.Secrets).Redact(value));
    }

    [Fact]
    public void Redact_PatternOfSingleLetters_FitsAll()
    {
        var options = new RedactOptions { Patterns = [new RedactPattern { Name = "letter", Pattern = "[a-z]" }] };

        Assert.Equal("É" + string.Concat(Enumerable.Repeat("[redacted:letter]", 60)) + "É", new RedactStage(options).Redact("É" + new string('x', 60) + "É"));
    }

    [Fact]
    public void Apply_MetadataThatBecomesTooLong_IsLeftOut()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        var draft = new RecordDraft { Line = "x"u8, Length = 1, HasUnescapedValue = true };
        context.AddMetadata(ref draft, "long"u8, Encoding.UTF8.GetBytes(string.Join('&', Enumerable.Repeat("pwd=a", 2000))));
        context.AddMetadata(ref draft, "level"u8, "info"u8);

        new RedactStage(Redaction.Secrets).Apply(ref draft, context);

        Assert.Equal(EntryMetadata.Encode("level"u8, "info"u8), draft.Metadata.ToArray());
    }

    [Fact]
    public void Apply_LongLineOfCandidates_TakesLinearTime()
    {
        // Each would take minutes if its time were quadratic.
        var context = new StageContext(1 << 20);
        var sut = new RedactStage(Redaction.Everything);
        foreach (string part in new[]
        {
            "eyJ.", "eyJhbGciOiJub25lIn0", "-----BEGIN PRIVATE KEY----- ", "-----END PRIVATE KEY-----", "://a:", "://", "token=", "token=\"", "password:'", "password", "T3BlbkFJ", "sk-", "bearer ",
            "basic a", "secret=\\", "@", "a@b.", "::", "1:", "f000:", "1.1.", "1.", "4111 ", "4", "DE89", "AKIA", "xox", "ghp_", "secret=a,", "secret=a&b", "<password>", "<password a", "--password ", "\"--password\",\"", "token=[\"", "Cookie: a=b; ", "cookie=", "cookie=path=", "cookie=null;", "authorization: token ", ";password=a b", ";password={a b", "SG.", "dapi", "m\u001b[31", "%20", "\\u0061",
            "password=[redacted:x]", "[redacted:", "[redacted:token]", "token=[redacted:x]=", "\u001b[36mpassword\u001b[0m=", "password=\u001b[0m", "{\"name\":\"password\",\"value\":\"", "Name:password,Value:",
            "-----BEGIN PRIVATE KEY----------END CERTIFICATE-----", "postgres://a:b@", "\"password\":1", "\"token\":1", "password: 'a ", "token=/",
        })
        {
            byte[] line = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(part, (256 * 1024 / part.Length) + 1)));
            foreach (int more in new[] { 0, 1 })
            {
                RecordDraft draft = Redaction.Draft(line, line.Length + more);
                sut.Apply(ref draft, context);
                Assert.InRange(draft.Line.Length, 1, 1 << 20);
            }
        }
    }

    [Fact]
    public void Apply_ManyRecords_AllocatesNothing()
    {
        string key = SecretKinds.PrivateKey("\\n");
        byte[][] lines =
        [
            .. Enumerable.Range(0, OrdinaryLines.Formats).Select(format => Encoding.UTF8.GetBytes(new OrdinaryLines(1).Next(format))),
            .. SecretKinds.Tokens.Select(row => Encoding.UTF8.GetBytes($"token={row.Data.Item2} {row.Data.Item2}, {key}")),
            "postgres://a:b@c 10.1.2.3 jane@example.com 4111111111111111 DE89370400440532013000 fd00::5 Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="u8.ToArray(),
        ];
        var sut = new RedactStage(Redaction.Everything);
        var context = new StageContext(Redaction.MaxLineBytes);
        Run(sut, context, lines);

        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Run(sut, context, lines);
            }
        }));
    }

    private static void Run(RedactStage sut, StageContext context, byte[][] lines)
    {
        foreach (byte[] line in lines)
        {
            RecordDraft draft = Redaction.Draft(line, line.Length);
            context.AddMetadata(ref draft, "field"u8, line.AsSpan(0, Math.Min(100, line.Length)));
            sut.Apply(ref draft, context);
        }
    }
}
