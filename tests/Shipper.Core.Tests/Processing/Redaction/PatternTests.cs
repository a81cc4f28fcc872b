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

    [Theory]
    [InlineData("account .*", "account 12345 owner bob password=hunter2 tail", "[redacted:x]")]
    [InlineData("owner \\S+ \\S+", "account 12345 owner bob password=hunter2 tail", "account 12345 [redacted:x] tail")]
    [InlineData("b.{14}", "owner bob password=hunter2 tail", "owner [redacted:x] tail")]
    [InlineData(".{3} tail", "owner bob password=hunter2 tail", "owner bob password=[redacted:x]")]
    [InlineData(".*", "password=hunter2", "[redacted:x]")]
    [InlineData("[a-z:]+\\]", "password=hunter2", "password=[redacted:password]")]
    [InlineData("\\[.*\\]", "[1] password=hunter2", "[redacted:x] password=[redacted:password]")]
    [InlineData("[^ ]+", "password=hunter2 é", "[redacted:x] [redacted:x]")]
    public void Apply_PatternAroundAMarker_RemovesAllOfIt(string pattern, string line, string expected)
    {
        RedactOptions options = Options(("x", pattern));
        options.Secrets = true;

        string sent = Redaction.Of(line, options);

        Assert.Equal(expected, sent);
        Assert.Equal(expected, Redaction.Of(sent, options));
    }

    [Fact]
    public void Apply_PatternInAPretendedMarker_RemovesItsMatch() =>
        Assert.Equal("[redacted:[redacted:order]] [redacted:order", Redaction.Of("[redacted:ORD-12345678] [redacted:order", Options(("order", "ORD-[0-9]{8}"))));

    [Fact]
    public void Apply_PatternOfAPodAroundAMarker_RemovesAllOfIt()
    {
        var options = new RedactOptions { Secrets = true, Patterns = [new RedactPattern { Name = "x", Pattern = "account .*", IsFromPod = true }] };

        Assert.Equal("[redacted:x]", Redaction.Of("account 12345 password=hunter2 tail", options));
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
