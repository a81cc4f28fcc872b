using Shipper.Core.Tests.Processing.Multiline;
using Shipper.Processing;
using Shipper.Processing.Multiline;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// Lines of a log, joined by each kind of rule. No line is lost or changes its place. Whether lines are joined by <see cref="TraceRule"/> does not depend on
/// the records before them, and a line alone is a record or begins one.
/// </summary>
internal sealed class MultilineTarget : FuzzTarget
{
    private static readonly TraceRule Traces = new(TraceLanguages.All);
    private static readonly AutoRule Auto = new();
    private static readonly PatternRule Start = new("^[0-9A-Z]", isStart: true);
    private static readonly PatternRule Continue = new(@"^\s|^Caused", isStart: false);

    private static readonly byte[] Times = "2026-01-02T15:04:05Z INFO order closed\n2026-01-02T15:04:06Z INFO a\n2026-01-02T15:04:07Z INFO b\n2026-01-02T15:04:08Z INFO c\n"u8.ToArray();

    public override string Name => "multiline";

    public override IEnumerable<byte[]> Seeds => TraceCase.All.Select(item => System.Text.Encoding.UTF8.GetBytes(item.Text)).SelectMany(text => (byte[][])[text, [.. Times, .. text]]);

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        "\n"u8.ToArray(), "\n\n"u8.ToArray(), "\n\tat "u8.ToArray(), "\n    at "u8.ToArray(), "\nCaused by: "u8.ToArray(), "\n ---> "u8.ToArray(), "Exception"u8.ToArray(), "Error: "u8.ToArray(),
        "\nTraceback (most recent call last):\n"u8.ToArray(), "\n  File \"a\", line 1, in b\n"u8.ToArray(), "\npanic: "u8.ToArray(), "\ngoroutine 1 [running]:\n"u8.ToArray(), "\n/a.js:1\n"u8.ToArray(),
        "^"u8.ToArray(), " {\n"u8.ToArray(), "\n}"u8.ToArray(), "\n{\n"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), "\""u8.ToArray(), "'"u8.ToArray(), "`"u8.ToArray(), "\\"u8.ToArray(), "(1)"u8.ToArray(),
        ":in '"u8.ToArray(), "\n\tfrom a.rb:1:in 'b'\n"u8.ToArray(), "\nStack trace:\n#0 "u8.ToArray(), "\nthread 'a' panicked at b:1:\n"u8.ToArray(), "\n#0      a (b)\n"u8.ToArray(), "\x1b[31m"u8.ToArray(),
        "\n2026-01-02T15:04:05Z "u8.ToArray(), "\nI0102 15:04:05.123456 1 a.go:1] "u8.ToArray(), "\nINFO "u8.ToArray(), "\nlevel=info "u8.ToArray(), "\n10.0.0.1 - "u8.ToArray(), "\nfail: A[0]\n      "u8.ToArray(),
    ];

    public override string Check(byte[] input)
    {
        byte[][] lines = [.. Support.ByteArrays.Split(input, (byte)'\n')];
        List<byte[][]> records = Join(Traces, lines);
        Join(Start, lines);
        Join(Continue, lines);
        int learned = Join(Auto, lines).Count;

        // The records before a record make no difference, if that record was not joined to them.
        int index = RandomOf(input).Next(records.Count);
        Assert.Equal(records[index..], Join(Traces, [.. records[index..].SelectMany(record => record)]));

        foreach (byte[] line in lines)
        {
            GroupState state = default;
            LineRole role = Traces.Classify(line, ref state, new OutputMemory());
            Assert.True(role is LineRole.Single or LineRole.Begin);
            Assert.Equal(role == LineRole.Begin, state.Automata != 0);
        }

        return $"{Magnitude(lines.Length)} {Magnitude(records.Count)} {Magnitude(learned)} {Magnitude(records.Max(record => record.Length))}";
    }

    private static List<byte[][]> Join(GroupRule rule, byte[][] lines)
    {
        List<byte[][]> records = new GroupDriver(rule).Add(lines);
        Assert.True(records.SelectMany(record => record).SequenceEqual(lines), $"{rule.GetType().Name} loses or moves a line");
        return records;
    }
}
