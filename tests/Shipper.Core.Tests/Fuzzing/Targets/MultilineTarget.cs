using System.Text;
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

    /// <summary>Records from which <see cref="AutoRule"/> learns.</summary>
    private const string Learned = "2026-01-02T15:04:05Z a\n2026-01-02T15:04:06Z b\n2026-01-02T15:04:07Z c\n2026-01-02T15:04:08Z d\n";

    public override string Name => "multiline";

    public override IEnumerable<byte[]> Seeds => TraceCase.All.SelectMany(item => (string[])[item.Text, Learned + item.Text]).Select(Encoding.UTF8.GetBytes);

    public override IReadOnlyList<byte[]> Words { get; } = [.. new[]
    {
        "\n", "\n\n", "\n\tat ", "\n    at ", "\nCaused by: ", "\n ---> ", "Exception", "Error: ", "\nTraceback (most recent call last):\n",
        "\n  File \"a\", line 1, in b\n", "\npanic: ", "\ngoroutine 1 [running]:\n", "\n/a.js:1\n", "^", "\n\t\e[0m\n", "\n  \e]0;Exception\a\n", " {\n", "\n}", "\n{\n", "[", "]", "\"", "'", "`",
        "\\", "(1)", ":in '", "\n\tfrom a.rb:1:in 'b'\n", "\nStack trace:\n#0 ", "\nthread 'a' panicked at b:1:\n", "\n#0      a (b)\n", "\e[31m",
        "\n2026-01-02T15:04:05Z ", "\nI0102 15:04:05.123456 1 a.go:1] ", "\nINFO ", "\nlevel=info ", "\n10.0.0.1 - ", "\nfail: A[0]\n      ",
    }.Select(Encoding.UTF8.GetBytes)];

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
