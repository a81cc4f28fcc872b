using System.Globalization;
using System.Text;
using Shipper.Processing;
using Shipper.Processing.Assembling;
using Shipper.Processing.Multiline;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Assembling;

public class AssemblerTests
{
    private const int Capacity = 1024;
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData("S1 S2", "1 2")]
    [InlineData("B1 J2 S3", "1+2 3")]
    [InlineData("B1 J2 B3 J4", "1+2 3+4")]
    [InlineData("B1 U2 J3 S4", "1+2+3 4")]
    [InlineData("B1 U2 S3", "1 2 3")]
    [InlineData("B1 U2 U3 B4 J5", "1 2 3 4+5")]
    [InlineData("J1 S2", "1 2")]
    [InlineData("B1 S2", "1 2")]
    [InlineData("B1 J2 s3 J4", "3 1+2+4")]
    [InlineData("B1 b2 J3 j4", "1+3 2+4")]
    public void Add_Roles_JoinsLines(string lines, string records) => Assert.Equal(records, string.Join(' ', Run(Parse(lines))));

    [Fact]
    public void Add_LineMuchYounger_EndsGroup() =>
        Assert.Equal(["1+2", "3", "4"], Run([new(0, "B1"), new(2 * Second, "J2"), new((4 * Second) + 1, "J3"), new(5 * Second, "J4")]));

    [Fact]
    public void Add_LineOfOtherOutputMuchYounger_EndsGroup() =>
        Assert.Equal(["1", "2", "3"], Run([new(0, "B1"), new((2 * Second) + 1, "s2"), new((2 * Second) + 2, "J3")]));

    [Fact]
    public void Add_PartsOfLineInGroup_AreJoinedFirst() =>
        Assert.Equal(["1+23+4"], Run([new(0, "B1"), new(1, "J2") { IsPartial = true }, new(2, "3"), new(3, "J4")]));

    [Fact]
    public void Add_GroupThatIsTooLong_KeepsHeadAndLastCause()
    {
        string frame = new('f', 100);
        var lines = new List<Line> { new(0, "Bhead") };
        lines.AddRange(Enumerable.Range(0, 20).Select(i => new Line(i, "J" + frame)));
        lines.Add(new Line(21, "Cfirst cause"));
        lines.AddRange(Enumerable.Range(0, 20).Select(i => new Line(22 + i, "J" + frame)));
        lines.Add(new Line(43, "Clast cause"));
        lines.Add(new Line(44, "Jlast frame"));

        string record = Assert.Single(Run(lines));

        Assert.StartsWith("head+" + frame, record, StringComparison.Ordinal);
        Assert.EndsWith(" bytes]+last cause+last frame", record, StringComparison.Ordinal);
        Assert.DoesNotContain("first cause", record, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(record) <= Capacity);
    }

    /// <summary>Secrets are removed from the joined record, so no half of one may stand before the marker.</summary>
    [Fact]
    public void Add_FirstLineOfGroupTooLong_IsCutBetweenWords()
    {
        const string Token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz0123";
        for (int before = Capacity - 200; before < Capacity; before++)
        {
            string record = Assert.Single(Run([new(0, $"B{new string('x', before)} {Token} {new string('y', 100)}"), new(1, "J2")]));

            Assert.True(record.Contains(Token, StringComparison.Ordinal) || !record.Contains('g', StringComparison.Ordinal), record);
        }
    }

    [Fact]
    public void Add_FirstLineOfGroupTooLong_IsCut()
    {
        string record = Assert.Single(Run([new(0, "B" + new string('x', 3000)), new(1, "J2")]));

        Assert.StartsWith("xxx", record, StringComparison.Ordinal);
        Assert.Contains("…[truncated ", record, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(record) <= Capacity);
    }

    /// <summary>
    /// Reading can end after any record, and begin again at the positions of the two outputs: the records are the same as in one go. No line is lost, or read
    /// twice.
    /// </summary>
    [Fact]
    public void Add_InterruptedAnywhere_MakesTheSameRecords()
    {
        var random = new Random(1);
        for (int run = 0; run < 2_000; run++)
        {
            List<Line> lines = RandomLines(random);
            List<string> whole = Run(lines);

            List<string> parts = Run(lines, interrupts: () => random.Next(3) == 0);

            Assert.Equal(whole, parts);
            Assert.Equal(lines.Count, whole.Sum(record => record.Split('+').Length));
        }
    }

    private static List<Line> RandomLines(Random random)
    {
        var lines = new List<Line>();
        long time = 0;
        int count = random.Next(1, 30);
        for (int i = 0; i < count; i++)
        {
            time += random.Next(10) == 0 ? 3 * Second : random.Next(1_000);
            char role = "SBJUC"[random.Next(5)];
            lines.Add(new Line(time, (random.Next(3) == 0 ? char.ToLowerInvariant(role) : role) + i.ToString(CultureInfo.InvariantCulture)));
        }

        return lines;
    }

    private static List<Line> Parse(string lines) => [.. lines.Split(' ').Select((line, i) => new Line(i, line))];

    /// <summary>Does what the reader does: passes each line, and starts over at the positions after an interruption.</summary>
    private static List<string> Run(List<Line> lines, Func<bool>? interrupts = null)
    {
        var sut = new Assembler(Capacity);
        var rules = new OutputRules(new ScriptedRule());
        var stream = new StreamRules(excluded: null, rules, rules);
        var memory = new StageMemory();
        var records = new List<string>();
        var position = (Stdout: 0L, Stderr: 0L);
        while (true)
        {
            sut.BeginTurn(stream, memory, Capacity, default);
            RecordDraft draft = default;
            int next = (int)Math.Min(position.Stdout, position.Stderr);
            bool isInterrupted = false;
            while (!isInterrupted)
            {
                if (sut.HasPending && sut.TryTakePending(ref draft))
                {
                    isInterrupted = Take(in draft);
                    continue;
                }

                if (next == lines.Count)
                {
                    if (!sut.TryFlush(isQuiet: false, keepsParts: false, ref draft))
                    {
                        return records;
                    }

                    isInterrupted = Take(in draft);
                    continue;
                }

                Line line = lines[next];
                if (next < (line.Output == LogOutput.Stdout ? position.Stdout : position.Stderr))
                {
                    next++;
                    continue;
                }

                AddResult result = sut.Add(new LogLine(line.TimestampNs, line.Output, line.IsPartial, Encoding.UTF8.GetBytes(line.Text)), new LineRange(next, next + 1), ref draft);
                next += result == AddResult.OlderRecordFirst ? 0 : 1;
                isInterrupted = result != AddResult.Held && Take(in draft);
            }

            position = (sut.PositionOf(LogOutput.Stdout, sut.FileOrdinal, position.Stdout, Math.Max(position.Stdout, next)),
                sut.PositionOf(LogOutput.Stderr, sut.FileOrdinal, position.Stderr, Math.Max(position.Stderr, next)));
        }

        bool Take(in RecordDraft draft)
        {
            records.Add(string.Join('+', Encoding.UTF8.GetString(draft.Line).Split('\n').Select(line => "SBJUCsbjuc".Contains(line[0], StringComparison.Ordinal) ? line[1..] : line)));
            return interrupts?.Invoke() == true;
        }
    }

    /// <summary>A line. Its first character is its role, in lower case if it was written to stderr.</summary>
    private sealed record Line(long TimestampNs, string Text)
    {
        public bool IsPartial { get; init; }

        public LogOutput Output => char.IsLower(Text[0]) ? LogOutput.Stderr : LogOutput.Stdout;
    }

    /// <summary>Does what the first character of a line says.</summary>
    private sealed class ScriptedRule : GroupRule
    {
        public override LineRole Classify(ReadOnlySpan<byte> line, ref GroupState state, in OutputMemory memory)
        {
            bool isOpen = state.Automata != 0;
            LineRole role = char.ToUpperInvariant((char)line[0]) switch
            {
                'B' => LineRole.Begin,
                'J' => isOpen ? LineRole.Join : LineRole.Single,
                'C' => isOpen ? LineRole.JoinCause : LineRole.Single,
                'U' => isOpen ? LineRole.Undecided : LineRole.Single,
                _ => LineRole.Single,
            };
            state.Automata = role == LineRole.Single ? 0 : 1;
            return role;
        }
    }
}
