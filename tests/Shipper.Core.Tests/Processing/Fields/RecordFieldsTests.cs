using System.Globalization;
using System.Text;
using Shipper.Processing;
using Shipper.Processing.Fields;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Processing.Fields;

public class RecordFieldsTests
{
    private readonly StageContext _context = new(64 * 1024);

    [Fact]
    public void Find_AnotherRecordInTheSameBuffer_FindsItsValues()
    {
        var sut = new RecordFields(["a", "b", "a"]);
        byte[] line = """{"a":1,"b":2}"""u8.ToArray();

        var first = new RecordDraft { Line = line };
        Assert.Equal("1 2", Values(sut, ref first));
        line[2] = (byte)'x';
        Assert.Equal("1 2", Values(sut, ref first));
        var second = new RecordDraft { Line = line };
        Assert.Equal(" 2", Values(sut, ref second));
    }

    [Theory]
    [InlineData("payments", true)]
    [InlineData("catalog", false)]
    public void Create_FieldsAndConditions_DecideAsEachAlone(string component, bool isDropped)
    {
        WhenOptions when = new() { Field = new(StringComparer.Ordinal) { ["component"] = "pay*", ["user.id"] = "u-*" } };
        var options = new ProcessingOptions
        {
            Level = DetectMode.Off,
            Fields = new(StringComparer.Ordinal) { ["user"] = "user.id", ["name"] = "component", ["size"] = "size" },
            Rules = [new RuleOptions { Name = "other", When = new WhenOptions { Field = new(StringComparer.Ordinal) { ["missing"] = "*" } } }, new RuleOptions { Name = "rule", When = when }],
        };
        byte[] line = Encoding.UTF8.GetBytes($$"""{"user":{"id":"u-1"},"component":"{{component}}"}""");
        StreamRules rules = StreamRulesFactory.Create(options, new RecordOrigin { Source = RecordOrigin.Containers });

        var draft = new RecordDraft { Line = line, Length = line.Length, Lines = 1 };
        bool isSent = new RecordPipeline(64 * 1024).TryRun(rules, new LineLimit(64 * 1024, LongLineAction.Truncate), ref draft, out _, out string? dropped);

        Assert.Equal(isDropped ? "rule" : null, dropped);
        Assert.Equal(!isDropped, isSent);
        Assert.Contains("u-1", Encoding.UTF8.GetString(draft.Metadata), StringComparison.Ordinal);
    }

    [Fact]
    public void TryShare_TooManyPaths_ReturnsNull()
    {
        string[] paths = [.. Enumerable.Range(0, FieldFinder.MaxPaths).Select(path => path.ToString(CultureInfo.InvariantCulture))];

        Assert.NotNull(RecordFields.TryShare([.. paths, "0"]));
        Assert.Null(RecordFields.TryShare([.. paths, "one more"]));
        Assert.Null(RecordFields.TryShare([]));
    }

    private string Values(RecordFields sut, ref RecordDraft draft)
    {
        ReadOnlySpan<FieldValue> values = sut.Find(ref draft, _context);
        return $"{Text(draft.Line, values[sut.IndexOf("a")])} {Text(draft.Line, values[sut.IndexOf("b")])}";
    }

    private static string Text(ReadOnlySpan<byte> line, FieldValue value) => Encoding.UTF8.GetString(line.Slice(value.Start, value.Length));
}
