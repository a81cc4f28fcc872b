using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Redaction;

public class PrivateKeyTests
{
    [Theory]
    [InlineData("\n", "RSA ")]
    [InlineData("\r\n", "")]
    [InlineData("\\n", "EC ")]
    [InlineData("\\r\\n", "ENCRYPTED ")]
    [InlineData("\\\\n", "OPENSSH ")]
    [InlineData(" ", "DSA ")]
    public void Apply_KeyInOneRecord_RemovesIt(string newline, string label)
    {
        string key = SecretKinds.PrivateKey(newline, label);

        Assert.Equal("[redacted:private-key]", Redaction.Of(key));
        Assert.Equal("{\"key\":\"[redacted:private-key]\\n\",\"n\":1}", Redaction.Of($"{{\"key\":\"{key}\\n\",\"n\":1}}"));
        Assert.Equal("before\n[redacted:private-key]\nafter", Redaction.Of($"before\n{key}\nafter"));
    }

    /// <summary>Each beginning would otherwise search to the same end: such a line must not take time that grows with the square of its length.</summary>
    [Fact]
    public void Apply_ManyBeginningsAndOneEnd_RemovesTheLastKey()
    {
        string beginnings = string.Concat(Enumerable.Repeat("-----BEGIN PRIVATE KEY-----", 50));

        Assert.Equal(beginnings + "[redacted:private-key]", Redaction.Of(beginnings + SecretKinds.PrivateKey("\n")));
    }

    [Fact]
    public void Apply_KeyWithoutEndBeforeAnotherKey_RemovesBoth()
    {
        string key = SecretKinds.PrivateKey("\n");
        string unended = key[..key.IndexOf("-----END", StringComparison.Ordinal)];

        Assert.DoesNotContain(SecretKinds.PrivateKeyBody[..20], Redaction.Of(unended + key), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("the file must begin with -----BEGIN PRIVATE KEY-----\n", "the file must begin with -----BEGIN PRIVATE KEY-----\n")]
    public void Apply_KeyBehindACertificate_RemovesAllOfIt(string before, string expected)
    {
        const string Certificate = "-----BEGIN CERTIFICATE-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MB\n-----END CERTIFICATE-----\n";
        var context = new StageContext(Redaction.MaxLineBytes);

        Assert.Equal(
            $"{expected}{Certificate}[redacted:private-key]\n{Certificate}[redacted:private-key]",
            Redaction.Of($"{before}{Certificate}{SecretKinds.PrivateKey("\n")}\n{Certificate}{SecretKinds.PrivateKey("\n")}", context: context));
        Assert.Equal(0, context.Memory[LogOutput.Stdout].KeyState);
    }

    [Fact]
    public void Apply_RestOfAKeyBehindTheEndOfACertificate_EndsTheKey()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        Redaction.Of("-----BEGIN PRIVATE KEY-----", context: context);

        Redaction.Of($"-----END CERTIFICATE-----\n{SecretKinds.PrivateKeyBody}\n-----END PRIVATE KEY-----", context: context);

        Assert.Equal(0, context.Memory[LogOutput.Stdout].KeyState);
    }

    [Fact]
    public void Apply_KeyAsJsonField_RemovesIt() =>
        Assert.Equal(
            "{\"type\":\"service_account\",\"private_key\":\"[redacted:private-key]\\n\",\"client_email\":\"x\"}",
            Redaction.Of($"{{\"type\":\"service_account\",\"private_key\":\"{SecretKinds.PrivateKey("\\n", "")}\\n\",\"client_email\":\"x\"}}"));

    [Fact]
    public void Apply_PgpKeyWithHeaders_RemovesIt()
    {
        string key = $"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n{SecretKinds.PrivateKeyBody}\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----";

        Assert.Equal("[redacted:private-key]", Redaction.Of(key));
    }

    [Fact]
    public void Apply_KeyCutAnywhere_RemovesItToItsEnd()
    {
        string key = SecretKinds.PrivateKey("\n");
        for (int kept = "-----BEGIN RSA PRIVATE KEY-----".Length; kept < key.Length; kept++)
        {
            string line = Redaction.Of(key[..kept], isCut: true);

            Assert.StartsWith("[redacted:private-key]", line, StringComparison.Ordinal);
            Assert.DoesNotContain("MII", line, StringComparison.Ordinal);
            Assert.DoesNotContain("kL0t", line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("RSA ", false)]
    [InlineData("", false)]
    [InlineData("RSA ", true)]
    public void Apply_KeyLineByLine_RemovesEachRecord(string label, bool isEncrypted)
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        List<string> lines = [.. SecretKinds.PrivateKey("\n", label).Split('\n')];
        if (isEncrypted)
        {
            lines.InsertRange(1, ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,0123456789ABCDEF0123456789ABCDEF", ""]);
        }

        string[] sent = [.. lines.Select(line => Redaction.Of(line, context: context))];

        Assert.All(sent.Where(line => line.Length > 0), line => Assert.Equal("[redacted:private-key]", line));
        Assert.Equal(0, context.Memory[LogOutput.Stdout].KeyState);
        Assert.Equal("OK", Redaction.Of("OK", context: context));
        Assert.Equal([new StageCount("redact", "private-key", sent.Count(line => line.Length > 0), 0)], context.Counts);
    }

    [Fact]
    public void Apply_OtherLinesInAKey_AreKept()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        Redaction.Of("-----BEGIN PRIVATE KEY-----", context: context);
        Redaction.Of(SecretKinds.PrivateKeyBody, context: context);

        Assert.Equal("2026-03-12 INFO started", Redaction.Of("2026-03-12 INFO started", context: context));
        Assert.Equal("ok", Redaction.Of("ok", context: context));
        Assert.Equal("[redacted:private-key]", Redaction.Of(SecretKinds.PrivateKeyBody, context: context));
    }

    [Fact]
    public void Apply_ManyOtherLinesInAKey_EndIt()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        Redaction.Of("-----BEGIN PRIVATE KEY-----", context: context);

        for (int i = 0; i < 16; i++)
        {
            Assert.Equal("2026-03-12 INFO started", Redaction.Of("2026-03-12 INFO started", context: context));
        }

        Assert.Equal(0, context.Memory[LogOutput.Stdout].KeyState);
    }

    [Fact]
    public void Apply_KeyLineByLineWithPrefix_RemovesTheLines()
    {
        var context = new StageContext(Redaction.MaxLineBytes);

        Assert.Equal("I0312 10:00:00.1 1 a.go:9] [redacted:private-key]", Redaction.Of("I0312 10:00:00.1 1 a.go:9] -----BEGIN PRIVATE KEY-----", context: context));
        Assert.Equal("I0312 10:00:00.1 1 a.go:9] [redacted:private-key]", Redaction.Of($"I0312 10:00:00.1 1 a.go:9] {SecretKinds.PrivateKeyBody}", context: context));
        Assert.Equal("{\"msg\":\"[redacted:private-key]\"}", Redaction.Of($"{{\"msg\":\"{SecretKinds.PrivateKeyBody}\"}}", context: context));
        Assert.Equal("I0312 10:00:00.1 1 a.go:9] [redacted:private-key]", Redaction.Of("I0312 10:00:00.1 1 a.go:9] -----END PRIVATE KEY-----", context: context));
        Assert.Equal(0, context.Memory[LogOutput.Stdout].KeyState);
    }

    [Fact]
    public void Apply_ShortLastLineWithPrefix_RemovesIt()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        string[] lines = ["-----BEGIN PRIVATE KEY-----", SecretKinds.PrivateKeyBody, SecretKinds.PrivateKeyBody, "1tsen/ZOWzf7CM8XyB6A1Syl", "-----END PRIVATE KEY-----"];

        Assert.All(lines, line => Assert.Equal("2026-01-02 INFO app: [redacted:private-key]", Redaction.Of($"2026-01-02 INFO app: {line}", context: context)));
        Assert.Equal(0, context.Memory[LogOutput.Stdout].KeyState);
    }

    [Fact]
    public void Apply_KeyWithoutEnd_EndsAfterMaxRecords()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        Redaction.Of("-----BEGIN PRIVATE KEY-----", context: context);

        int removed = Enumerable.Range(0, 300).Count(_ => Redaction.Of(SecretKinds.PrivateKeyBody, context: context) != SecretKinds.PrivateKeyBody);

        Assert.Equal(199, removed);
    }

    [Fact]
    public void Apply_TwoOutputs_HaveTheirOwnMemory()
    {
        var context = new StageContext(Redaction.MaxLineBytes);
        context.Memory[LogOutput.Stderr].KeyState = 1;

        Assert.Equal(SecretKinds.PrivateKeyBody, Redaction.Of(SecretKinds.PrivateKeyBody, context: context));
        Assert.Equal(1, context.Memory[LogOutput.Stderr].KeyState);
    }

    [Fact]
    public void Apply_BeginAndEndWithOtherText_KeepsTheOtherText()
    {
        var context = new StageContext(Redaction.MaxLineBytes);

        Assert.Equal("key: [redacted:private-key]", Redaction.Of("key: -----BEGIN RSA PRIVATE KEY-----", context: context));
        Assert.Equal("[redacted:private-key]", Redaction.Of(SecretKinds.PrivateKeyBody, context: context));
        Assert.Equal("[redacted:private-key] done", Redaction.Of($"{SecretKinds.PrivateKeyEnd}\n-----END RSA PRIVATE KEY----- done", context: context));
    }

    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MB\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----")]
    [InlineData("the file must begin with -----BEGIN PRIVATE KEY----- and end with -----END PRIVATE KEY-----")]
    [InlineData("expected -----BEGIN RSA PRIVATE KEY----- but found -----BEGIN CERTIFICATE-----")]
    public void Apply_NoPrivateKey_IsLeft(string line)
    {
        var context = new StageContext(Redaction.MaxLineBytes);

        Assert.Equal(line, Redaction.Of(line, context: context));
        Assert.Equal(0, context.Memory[LogOutput.Stdout].KeyState);
    }
}
