using System.Globalization;
using System.Text;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Assembling;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Every byte of a file is accounted for, whatever happens to the file.</summary>
public class LedgerTests : LogFileFixture
{
    private const string T = "2026-11-23T01:21:26.";
    private const int MaxLineBytes = 300;

    private static readonly string TooLong = new('x', MaxLineBytes + 1);

    [Fact]
    public void Ledger_DroppedLines_CountsThemOnceLaterLineIsAcknowledged()
    {
        using TailingFixture sut = Create();
        string tooLong = $"{T}2Z stdout F {TooLong}\n";
        string excluded = $"{T}3Z stderr F not wanted\n{T}4Z stderr P nor\n{T}5Z stderr F this\n";
        string content = $"{T}1Z stdout F a\n{tooLong}{excluded}{T}6Z stdout F b\n";
        File.WriteAllText(sut.Log, content);
        sut.Withhold();
        sut.Find();

        Assert.Equal(content.Length, sut.Ledger.Pending);
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.LineTooLong));
        sut.Answer();
        sut.Turn();

        Assert.Equal(tooLong.Length, sut.Ledger.Dropped[DropReasons.LineTooLong]);
        Assert.Equal(excluded.Length, sut.Ledger.Dropped[DropReasons.Excluded]);
        Assert.Equal(content.Length - tooLong.Length - excluded.Length, sut.Ledger.Acknowledged);
        Assert.Equal(content.Length, sut.Ledger.Written);
        Assert.Equal(1, sut.Metrics.DroppedRecords.Get(DropReasons.LineTooLong));
        Assert.Equal(2, sut.Metrics.DroppedRecords.Get(DropReasons.Excluded));
        Assert.Equal(["a", "b"], sut.Lines);
    }

    /// <summary>The push was not stored, so the line that was dropped from it is read again. It must be counted once.</summary>
    [Fact]
    public void Restart_KilledBeforeResponse_CountsDroppedLineOnce()
    {
        using TailingFixture sut = Create();
        string content = $"{T}1Z stdout F a\n{T}2Z stdout F {TooLong}\n{T}3Z stdout F b\n";
        File.WriteAllText(sut.Log, content);
        sut.Withhold();
        sut.Find();

        sut.Restart();
        sut.Find();

        Assert.Equal(content.Split('\n')[1].Length + 1, sut.Ledger.Dropped[DropReasons.LineTooLong]);
        Assert.Equal(1, sut.Metrics.DroppedRecords.Get(DropReasons.LineTooLong));
        sut.Restart();
        sut.Find();
        Assert.Equal(content.Split('\n')[1].Length + 1, sut.Ledger.Dropped[DropReasons.LineTooLong]);
        Assert.Equal(content.Length, sut.Ledger.Written);
    }

    [Fact]
    public void Ledger_DroppedLineSpansTwoFiles_CountsBytesOfBoth()
    {
        using TailingFixture sut = Create();
        string part = new('x', 250);
        string first = $"{T}1Z stdout F a\n{T}2Z stdout P {part}\n{T}3Z stderr F no\n";
        string second = $"{T}4Z stdout F {part}\n{T}5Z stdout F b\n";
        File.WriteAllText(sut.Log, first);
        sut.Find();
        Assert.Equal(first.Length, sut.Ledger.Written);
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        File.WriteAllText(sut.Log, second);
        sut.Turn();

        Assert.Equal(["a", "b"], sut.Lines);
        Assert.Equal((2 * part.Length) + (2 * $"{T}4Z stdout F \n".Length), sut.Ledger.Dropped[DropReasons.LineTooLong]);
        Assert.Equal($"{T}3Z stderr F no\n".Length, sut.Ledger.Dropped[DropReasons.Excluded]);
        Assert.Equal(2 * $"{T}1Z stdout F a\n".Length, sut.Ledger.Acknowledged);
        Assert.Equal(0, sut.Ledger.Pending);
    }

    /// <summary>The bytes of refused records are estimated: each record of a run counts the same.</summary>
    [Theory]
    [InlineData(3, 0)]
    [InlineData(1, 1)]
    public void Ledger_RefusedByLoki_CountsAsDropped(int refused, int limit)
    {
        using TailingFixture sut = Create();
        string line = $"{T}1Z stdout F a\n";
        string longer = $"{T}1Z stdout F ab\n";
        string tooLong = $"{T}2Z stdout F {TooLong}\n";
        File.WriteAllText(sut.Log, line + tooLong + line + longer);
        int dropped = ((2 * line.Length) + longer.Length) * refused / 3;
        sut.RefuseNext(LokiAnswers.Read(400, $"{refused} errors like: max entry size '{limit}' bytes exceeded for stream '{{pod=\"pod\"}}' while adding an entry with length '2' bytes"));
        sut.Find();

        Assert.Equal(dropped, sut.Ledger.Dropped[DropReasons.Refused]);
        Assert.Equal(tooLong.Length, sut.Ledger.Dropped[DropReasons.LineTooLong]);
        Assert.Equal((2 * line.Length) + longer.Length - dropped, sut.Ledger.Acknowledged);
        Assert.Equal(0, sut.Ledger.Pending);
        Assert.Equal(refused, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        sut.Restart();
        sut.Find();
        Assert.Equal(dropped, sut.Ledger.Dropped[DropReasons.Refused]);
    }

    [Fact]
    public void Ledger_LineOfManyMegabytes_CountsAllOfItAsDropped()
    {
        using TailingFixture sut = Create();
        string line = $"{T}2Z stdout F {new string('x', (int)PartialLine.MaxLength + 500_000)}\n";
        File.WriteAllText(sut.Log, $"{T}1Z stdout F a\n{line}{T}3Z stdout F b\n");

        sut.Find();

        Assert.Equal(["a", "b"], sut.Lines);
        Assert.Equal(line.Length, sut.Ledger.Dropped[DropReasons.LineTooLong]);
        Assert.Equal(1, sut.Metrics.DroppedRecords.Get(DropReasons.LineTooLong));
    }

    [Fact]
    public void Ledger_HeldFileReleased_CountsUnreadBytesAsLost()
    {
        using var sut = new TailingFixture(new TailerOptions { HeldBytes = 1 });
        Append(sut.Log, 5);
        sut.Find();
        long acknowledged = sut.Ledger.Acknowledged;
        sut.Withhold();
        Append(sut.Log, 1);
        sut.Turn();
        Append(sut.Log, 5);
        long written = new FileInfo(sut.Log).Length;
        sut.Turn();
        File.Delete(sut.Log);
        sut.Turn();

        Assert.Equal(written, sut.Ledger.Written);
        Assert.Equal(acknowledged, sut.Ledger.Acknowledged);
        Assert.Equal(sut.Metrics.LostBytes.Get(LossReasons.HeldBytes), sut.Ledger.Lost.GetValueOrDefault(LossReasons.HeldBytes));
        sut.Answer();
        sut.Turn();
        Assert.Equal(0, sut.Ledger.Pending);
        Assert.Equal(written, sut.Ledger.Written);
    }

    [Fact]
    public void Ledger_BytesBeforeStart_CountsThemAsDropped()
    {
        using var sut = new TailingFixture(new TailerOptions { StartAt = new StartAt(StartMode.End) }, isInitial: true);
        Append(sut.Log, 5);
        long before = new FileInfo(sut.Log).Length;
        sut.Find();
        Append(sut.Log, 1);
        sut.Turn();

        Assert.Equal(before, sut.Ledger.Dropped[DropReasons.BeforeStart]);
        Assert.Equal(new FileInfo(sut.Log).Length - before, sut.Ledger.Acknowledged);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Ledger_RandomActions_AddsUpToWrittenBytes(int seed)
    {
        using TailingFixture sut = Create();
        var random = new Random(seed);
        var rotated = new List<string>();
        long written = 0;
        int number = 0;
        bool isWithheld = false;
        File.WriteAllText(sut.Log, "");
        sut.Find();
        for (int i = 0; i < 120; i++)
        {
            switch (random.Next(9))
            {
                case 0 when !isWithheld:
                    sut.Withhold();
                    isWithheld = true;
                    break;
                case 1 when isWithheld && sut.IsPending:
                    sut.Answer();
                    isWithheld = false;
                    break;
                case 2:
                    File.Move(sut.Log, $"{sut.Log}.20261123-{i:D6}");
                    rotated.Add($"{sut.Log}.20261123-{i:D6}");
                    File.WriteAllText(sut.Log, "");
                    sut.Turn();
                    break;
                case 3 when rotated.Count > 0 && !rotated[^1].EndsWith(".gz", StringComparison.Ordinal) && new FileInfo(rotated[^1]).Length > 0:
                    Compress(rotated[^1]);
                    rotated[^1] += ".gz";
                    break;
                case 4 when rotated.Count > 0:
                    File.Delete(rotated[0]);
                    rotated.RemoveAt(0);
                    break;
                default:
                    string text = WriteRandom(random, ref number);
                    File.AppendAllText(sut.Log, text);
                    written += text.Length;
                    break;
            }

            sut.Turn();

            LaneStatus answer = sut.Describe();
            Ledger ledger = answer.Totals;
            Assert.Equal(written, ledger.Written);
            Assert.All(answer.Streams.SelectMany(stream => stream.Generations), generation => Assert.Equal(
                generation.Ledger.Written, generation.Ledger.Acknowledged + generation.Ledger.Dropped.Values.Sum() + generation.Ledger.Pending + generation.Ledger.Lost.Values.Sum()));
            Assert.All(answer.Streams.SelectMany(stream => stream.Generations), generation => Assert.Equal(generation.Size, generation.Ledger.Written - generation.Ledger.Lost.Values.Sum()));
            Assert.Equal(sut.Metrics.LostBytes.Get(LossReasons.Deleted), ledger.Lost.GetValueOrDefault(LossReasons.Deleted));
        }

        File.AppendAllText(sut.Log, $"{T}9Z stdout F last\n{T}9Z stderr F last\n");
        sut.Turn();
        if (sut.IsPending)
        {
            sut.Answer();
            sut.Turn();
        }

        Assert.Equal(0, sut.Ledger.Pending);
        Assert.True(sut.Ledger.Dropped[DropReasons.Excluded] > 0);
        Assert.True(sut.Ledger.Dropped[DropReasons.LineTooLong] > 0);
    }

    private static string WriteRandom(Random random, ref int number)
    {
        var text = new StringBuilder();
        for (int i = random.Next(1, 20); i > 0; i--)
        {
            string line = random.Next(8) == 0 ? TooLong : new string('.', random.Next(200));
            text.Append(CultureInfo.InvariantCulture, $"{T}{number++:D8}Z {(random.Next(4) == 0 ? "stderr" : "stdout")} {(random.Next(6) == 0 ? 'P' : 'F')} {line}\n");
        }

        return text.ToString();
    }

    /// <summary>The log of a pod that excludes stderr; lines that are too long are skipped.</summary>
    private static TailingFixture Create() => new(new TailerOptions { MaxLineBytes = MaxLineBytes, LongLines = LongLineAction.Skip })
    {
        CustomAttributes = new FixedAttributes(new StreamAttributes(StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "pod" }), [], hasOutput: true, StreamRules.Excluding(LogOutput.Stderr))),
    };
}
