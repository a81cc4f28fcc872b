using System.Text;
using Shipper.Processing;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Redaction;

/// <summary>Metadata of fields whose name says nothing, but whose path does.</summary>
public class SecretFieldsTests
{
    private const string Secret = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
    private static readonly RecordOrigin Shop = new() { Source = RecordOrigin.Containers, Namespace = "shop", Pod = "orders-1", Container = "main" };

    [Theory]
    [InlineData("password", "{\"password\":\"hunter2\"}", "[redacted:password]")]
    [InlineData("password", "level=info password=hunter2", "[redacted:password]")]
    [InlineData("password", "{\"password\":12345}", "[redacted:password]")]
    [InlineData("headers.x-api-key", "{\"headers\":{\"x-api-key\":\"" + Secret + "\"}}", "[redacted:password]")]
    [InlineData("headers.x-api-key", "headers.x-api-key=" + Secret, "[redacted:password]")]
    [InlineData("headers.authorization", "{\"headers\":{\"authorization\":\"Bearer abc123def456\"}}", "[redacted:password]")]
    [InlineData("headers.cookie", "{\"headers\":{\"cookie\":\"a=b; c=d\"}}", "[redacted:password]")]
    [InlineData("credentials.password.value", "{\"credentials\":{\"password\":{\"value\":\"sesame\"}}}", "[redacted:password]")]
    [InlineData("dsn", "{\"dsn\":\"postgres://shop:hunter2@db/orders\"}", "postgres://shop:[redacted:url-password]@db/orders")]
    [InlineData("note", "{\"note\":\"\\u0041KIAQYLPMN5HNM4OJ5DV\"}", "[redacted:aws-key]")]
    [InlineData("note", "{\"note\":\"pwd\\u003dhunter2\"}", "pwd=[redacted:password]")]
    [InlineData("user.id", "{\"user\":{\"id\":\"u-7\"}}", "u-7")]
    [InlineData("usage.token", "{\"usage\":{\"token\":12}}", "12")]
    public void Apply_FieldWithPathOfASecret_RemovesTheValue(string path, string line, string expected)
    {
        var options = new ProcessingOptions { Redact = Redaction.Secrets, Level = DetectMode.Off };
        options.Fields["x"] = path;

        Assert.Equal([("x", expected)], Run(options, line));
    }

    [Fact]
    public void Apply_FieldWithNameOfASecret_RemovesTheValue()
    {
        var options = new ProcessingOptions { Redact = Redaction.Secrets, Level = DetectMode.Off };
        options.Fields["password"] = "note";

        Assert.Equal([("password", "[redacted:password]")], Run(options, "{\"note\":\"hunter2\"}"));
    }

    [Fact]
    public void Apply_LevelAndTrace_AreKept()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var options = new ProcessingOptions { Redact = Redaction.Everything, Trace = DetectMode.Detect, Level = DetectMode.Detect };
        options.Fields["pw"] = "password";

        Assert.Equal(
            [("detected_level", "info"), ("trace_id", Trace), ("pw", "[redacted:password]")],
            Run(options, $"{{\"level\":\"info\",\"trace_id\":\"{Trace}\",\"password\":\"hunter2\"}}"));
    }

    [Fact]
    public void RedactStageOf_FieldsWithoutSecrets_ShareAStage()
    {
        RedactStage plain = StreamRulesFactory.RedactStageOf(Redaction.Secrets);

        Assert.Same(plain, StreamRulesFactory.RedactStageOf(Redaction.Secrets, [new("user", "user.id")]));
        Assert.NotSame(plain, StreamRulesFactory.RedactStageOf(Redaction.Secrets, [new("pw", "password")]));
        Assert.Same(StreamRulesFactory.RedactStageOf(Redaction.Secrets, [new("pw", "password")]), StreamRulesFactory.RedactStageOf(Redaction.Secrets, [new("pw", "password"), new("a", "b")]));
    }

    private static List<(string Name, string Value)> Run(ProcessingOptions options, string line)
    {
        // As annotations are stored in a checkpoint and read again.
        StreamRules rules = StreamRulesFactory.Parse(StreamRulesFactory.Create(options, Shop).Text, excluded: null);
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        RecordDraft draft = Redaction.Draft(bytes, bytes.Length);
        var pipeline = new RecordPipeline(Redaction.MaxLineBytes);
        Assert.True(pipeline.TryRun(rules, new LineLimit(Redaction.MaxLineBytes, LongLineAction.Truncate), ref draft, out _, out _));
        var pairs = new List<(string, string)>();
        for (ReadOnlySpan<byte> rest = draft.Metadata; !rest.IsEmpty;)
        {
            rest = EntryMetadata.Read(rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            pairs.Add((Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
        }

        return pairs;
    }
}
