using Shipper.Processing;
using Shipper.Processing.Redaction;

namespace Shipper.Core.Tests.Processing.Redaction;

public class PatternTests
{
    [Theory]
    [InlineData("order ORD-12345678 paid", "order [redacted:order] paid")]
    [InlineData("ORD-12345678ORD-87654321", "[redacted:order][redacted:order]")]
    [InlineData("größe 🙂 ORD-12345678 🙂", "größe 🙂 [redacted:order] 🙂")]
    [InlineData("ORD-1234567", "ORD-1234567")]
    [InlineData("", "")]
    public void Apply_Pattern_RemovesItsMatches(string line, string expected)
    {
        string sent = Redaction.Of(line, Options(("order", "ORD-[0-9]{8}")));

        Assert.Equal(expected, sent);
        Assert.Equal(expected, Redaction.Of(sent, Options(("order", "ORD-[0-9]{8}"))));
    }

    [Fact]
    public void Apply_SeveralPatterns_SeeWhatIsLeft()
    {
        RedactOptions options = Options(("customer", "C[0-9]+"), ("name", "(?i)name=[a-zé]+"), ("any", "[a-z]+@"));

        Assert.Equal("[redacted:customer] [redacted:name] [redacted:any]", Redaction.Of("C123 NAME=René jane@", options));
    }

    [Fact]
    public void Apply_PatternThatMatchesMarkers_LeavesThem()
    {
        RedactOptions options = Options(("word", "[a-z]+"));
        options.Secrets = true;

        string sent = Redaction.Of($"key {SecretKinds.AwsKey}", options);

        Assert.Equal("[redacted:word] [redacted:aws-key]", sent);
        Assert.Equal(sent, Redaction.Of(sent, options));
    }

    [Fact]
    public void Apply_InvalidUtf8_ReplacesTheRightBytes()
    {
        byte[] line = [0xFF, (byte)'a', 0xE2, 0x82, .. "ORD-12345678"u8, 0xC3, .. "é"u8];
        RecordDraft draft = Redaction.Draft(line, line.Length);

        new RedactStage(Options(("order", "ORD-[0-9]{8}"))).Apply(ref draft, new StageContext(Redaction.MaxLineBytes));

        Assert.Equal([0xFF, (byte)'a', 0xE2, 0x82, .. "[redacted:order]"u8, 0xC3, .. "é"u8], draft.Line.ToArray());
    }

    [Fact]
    public void Apply_EmptyMatches_ChangesNothing() => Assert.Equal("abc", Redaction.Of("abc", Options(("none", "x*"))));

    [Fact]
    public void Apply_HalfOfACharacter_RemovesAllOfIt() => Assert.Equal("a[redacted:any]b", Redaction.Of("a🙂b", Options(("any", "\uD83D"))));

    [Fact]
    public void Apply_Pattern_IsCountedUnderItsName()
    {
        RedactOptions options = Options(("order", "ORD-[0-9]{8}"));
        var context = new StageContext(Redaction.MaxLineBytes);

        Redaction.Of("ORD-12345678 ORD-12345678", options, context);

        Assert.Equal([new StageCount("redact", "order", 1, 0)], context.Counts);
        Assert.Same(options.Patterns[0].Name, context.Counts[0].Rule);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("(a)\\1")]
    public void Construct_InvalidPattern_Throws(string pattern) => Assert.ThrowsAny<ArgumentException>(() => new RedactStage(Options(("x", pattern))));

    private static RedactOptions Options(params (string Name, string Pattern)[] patterns) =>
        new() { Patterns = [.. patterns.Select(pattern => new RedactPattern { Name = pattern.Name, Pattern = pattern.Pattern })] };
}
