using System.Text;
using Shipper.Processing;
using Shipper.Processing.Assembling;
using Shipper.Processing.Cases;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Redaction;

/// <summary>Whatever splits a private key into records, and whichever of them rules drop, no byte of the key is sent.</summary>
public class SplitKeyTests
{
    private const int Texts = 2_000;
    private const int MinPartLength = 100;
    private const long SecondNs = 1_000_000_000;

    private static readonly string[] Ordinary =
    [
        "2026-03-12T10:00:00.123Z INFO started worker 7 on 10.0.3.7:8080",
        "{\"level\":\"info\",\"msg\":\"certificate loaded\",\"path\":\"/etc/tls/tls.crt\"}",
        "dumping the key:",
        "done",
        "",
    ];

    [Fact]
    public void TryRun_KeyLineByLineAndRulesThatDrop_SendsNothingOfTheKey()
    {
        for (int seed = 0; seed < Texts; seed++)
        {
            var random = new Random(seed);
            (string text, string body) = KeyTexts.Next(random);
            string[] lines = text.TrimEnd('\n').Split('\n');
            List<string> records = Some(random);
            for (int line = 0, next; line < lines.Length; line = next)
            {
                next = Math.Min(lines.Length, line + 1 + (random.Next(3) == 0 ? random.Next(5) : 0));
                records.Add(string.Join('\n', lines[line..next]));
            }

            records.AddRange(Some(random));

            AssertClean(seed, body, Send(records, random));
        }
    }

    [Fact]
    public void TryRun_KeyCutAnywhereAndRulesThatDrop_SendsNothingOfTheKey()
    {
        string[] newlines = ["\n", "\\n", "\\\\n", "\r\n", "\\r\\n", " "];
        for (int seed = 0; seed < Texts; seed++)
        {
            var random = new Random(seed);
            (string text, string body) = KeyTexts.Next(random);
            text = text.Replace("\n", newlines[random.Next(newlines.Length)], StringComparison.Ordinal);
            text = random.Next(2) == 0 ? text : $"{{\"type\":\"service_account\",\"private_key\":\"{text}\",\"client_id\":\"1\"}}";

            AssertClean(seed, body, Send(Cut(text, random.Next(4), random), random));
        }
    }

    [Fact]
    public void Add_KeyInPartsAndLongGroups_SendsNothingOfTheKey()
    {
        for (int seed = 0; seed < Texts; seed++)
        {
            var random = new Random(seed);
            (string text, string body) = KeyTexts.Next(random);
            GroupRule? group = random.Next(2) == 0 ? null : new PatternRule("^record", isStart: true);
            var sink = new Sent();
            var runner = new RecordRunner(RulesOf(random, group), new LineLimit(256 + random.Next(2_000), LongLineAction.Truncate), static _ => default, sink);
            long timeNs = SecondNs;
            long offset = 0;
            var record = new StringBuilder(group is null ? "" : "record 1\n").Append('x', random.Next(3_000)).Append(random.Next(2) == 0 ? "\n" : "").Append(text);
            string line = random.Next(2) == 0 ? record.ToString() : record.Replace("\n", "\\n").ToString();
            foreach (string printed in line.Split('\n'))
            {
                List<string> parts = Cut(printed, random.Next(3), random);
                for (int part = 0; part < parts.Count; part++)
                {
                    timeNs += 1_000;
                    Add(runner, parts[part], LogOutput.Stdout, part < parts.Count - 1, timeNs, ref offset);
                    if (random.Next(20) == 0)
                    {
                        // The parts so far are given up.
                        timeNs += 31 * SecondNs;
                        Add(runner, Ordinary[random.Next(Ordinary.Length)], LogOutput.Stderr, isPartial: false, timeNs, ref offset);
                    }
                }
            }

            Add(runner, "record 2", LogOutput.Stdout, isPartial: false, timeNs, ref offset);
            runner.Flush();

            AssertClean(seed, body, sink.Lines);
        }
    }

    [Fact]
    public void TryRun_DroppedRecordOfAKey_IsNotCounted()
    {
        var pipeline = new RecordPipeline(Redaction.MaxLineBytes);
        StreamRules rules = RulesOf(new Random(1), group: null, dropped: 1);
        byte[] line = "-----BEGIN PRIVATE KEY-----"u8.ToArray();
        RecordDraft draft = Redaction.Draft(line, line.Length);

        Assert.False(pipeline.TryRun(rules, new LineLimit(Redaction.MaxLineBytes, LongLineAction.Truncate), ref draft, out _, out _));

        Assert.Empty(pipeline.Context.Counts);
        Assert.NotEqual(0, pipeline.Context.Memory[LogOutput.Stdout].KeyState);
    }

    [Fact]
    public void TryRun_ExcludedOutputWithAKey_FollowsIt()
    {
        var pipeline = new RecordPipeline(Redaction.MaxLineBytes);
        var output = new OutputRules(group: null, new RedactStage(Redaction.Secrets));
        var rules = new StreamRules(LogOutput.Stdout, output, output) { HasMemory = true };
        byte[] line = "-----BEGIN PRIVATE KEY-----"u8.ToArray();
        RecordDraft draft = Redaction.Draft(line, line.Length);

        Assert.False(pipeline.TryRun(rules, new LineLimit(Redaction.MaxLineBytes, LongLineAction.Truncate), ref draft, out _, out _));

        Assert.NotEqual(0, pipeline.Context.Memory[LogOutput.Stdout].KeyState);
    }

    private static List<string> Some(Random random) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Ordinary[random.Next(Ordinary.Length)])];

    /// <summary>Cuts a text into parts. Two cuts are never in the same line, because parts have 16 KiB.</summary>
    private static List<string> Cut(string text, int cuts, Random random)
    {
        List<int> places = [0, .. Enumerable.Range(0, cuts).Select(_ => Place(text, random)).Order(), text.Length];
        for (int i = places.Count - 2; i > 1; i--)
        {
            if (places[i] - places[i - 1] < MinPartLength)
            {
                places.RemoveAt(i);
            }
        }

        return [.. places.Zip(places.Skip(1), (from, to) => text[from..to])];
    }

    /// <summary>Half of all places are near the beginning or the end of the key.</summary>
    private static int Place(string text, Random random)
    {
        int marker = text.IndexOf(random.Next(2) == 0 ? "-----BEGIN" : "-----END", StringComparison.Ordinal);
        return marker < 0 || random.Next(2) == 0 ? random.Next(text.Length + 1) : Math.Clamp(marker - 10 + random.Next(80), 0, text.Length);
    }

    private static List<string> Send(List<string> records, Random random)
    {
        var sink = new Sent();
        var runner = new RecordRunner(RulesOf(random, group: null), new LineLimit(16 * 1024, LongLineAction.Truncate), static _ => default, sink);
        long offset = 0;
        records.ForEach(record => Add(runner, record, LogOutput.Stdout, isPartial: false, SecondNs, ref offset));
        runner.Flush();
        return sink.Lines;
    }

    private static void Add(RecordRunner runner, string text, LogOutput output, bool isPartial, long timeNs, ref long offset)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        runner.Add(new LogLine(timeNs, output, isPartial, bytes), new LineRange(offset, offset + bytes.Length + 1));
        offset += bytes.Length + 1;
    }

    private static StreamRules RulesOf(Random random, GroupRule? group, double? dropped = null)
    {
        var output = new OutputRules(group, new DropSome(random, dropped ?? random.Next(4) / 4.0), new RedactStage(Redaction.Secrets));
        return new StreamRules(excluded: null, output, output) { HasMemory = true };
    }

    private static void AssertClean(int seed, string body, List<string> sent)
    {
        foreach (string line in sent)
        {
            string? piece = KeyTexts.FindPiece(line, body);
            Assert.True(piece is null, $"seed {seed}: {piece}\n{string.Join("\n", sent)}");
        }
    }

    private sealed class DropSome(Random random, double share) : ProcessingStage
    {
        public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
        {
            draft.DropReason = "some";
            return random.NextDouble() < share ? StageVerdict.Drop : StageVerdict.Keep;
        }
    }

    private sealed class Sent : IRecordSink
    {
        public List<string> Lines { get; } = [];

        public void OnAssembled(scoped in RecordDraft draft)
        {
        }

        public void OnProcessed(scoped in ProcessedRecord record)
        {
            if (record.DropReason is null)
            {
                Lines.Add(Encoding.UTF8.GetString(record.Line));
            }
        }
    }
}
