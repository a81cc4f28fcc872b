using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Rules;
using Shipper.Taps;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Taps on files.</summary>
public sealed class TapTests : LogFileFixture
{
    [Fact]
    public void Turn_OpenTaps_ShowWhatIsSentAndDropped()
    {
        using TailingFixture sut = Create();
        Tap sent = Open(sut, "{pod=\"pod\"}", TapStage.Processed);
        Tap dropped = Open(sut, "", TapStage.Dropped);
        Tap other = Open(sut, "{pod=\"other\"}", TapStage.Read);
        Append(sut.Log, 5);
        sut.Find();

        Assert.Equal(4, sut.Entries.Count);
        Assert.Equal(sut.Lines, Read(sent));
        Assert.Equal(["line 3"], Read(dropped));
        Assert.Empty(Read(other));
    }

    [Fact]
    public void Turn_TapOpenedAndClosedMeanwhile_SendsTheSame()
    {
        using TailingFixture sut = Create();
        Append(sut.Log, 2);
        sut.Find();
        string[] before = [.. sut.Lines];
        Tap tap = Open(sut, "", TapStage.Processed);
        Append(sut.Log, 4);
        sut.Turn();
        string[] tapped = [.. sut.Lines.Skip(before.Length)];
        tap.Dispose();
        Append(sut.Log, 2);
        sut.Turn();

        Assert.Equal(7, sut.Entries.Count);
        Assert.Equal(tapped, Read(tap));
    }

    private static Tap Open(TailingFixture sut, string query, TapStage stage)
    {
        Assert.True(TapQuery.TryParse(query, out TapQuery? parsed, out _));
        Assert.True(sut.Taps.TryOpen(parsed, stage, out Tap? tap));
        return tap;
    }

    private static List<string> Read(Tap tap)
    {
        var lines = new List<string>();
        while (tap.TryRead(out TapRecord? record))
        {
            lines.Add(Encoding.UTF8.GetString(record.Line));
        }

        return lines;
    }

    private static TailingFixture Create()
    {
        var options = new ProcessingOptions { Rules = [new RuleOptions { Name = "unlucky", When = new WhenOptions { Text = new TextOptions { Contains = ["line 3"] } } }] };
        StreamRules rules = StreamRulesFactory.Create(options, new RecordOrigin { Source = RecordOrigin.Containers });
        return new TailingFixture
        {
            CustomAttributes = new SettableAttributes { Value = new StreamAttributes(StreamLabels.Create([KeyValuePair.Create("pod", "pod")]), [], hasOutput: true, rules) },
        };
    }
}
