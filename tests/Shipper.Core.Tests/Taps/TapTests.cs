using Shipper.Processing;
using Shipper.Taps;

namespace Shipper.Core.Tests.Taps;

public class TapTests
{
    private readonly TapFixture _fixture = new();

    [Fact]
    public void TryOpen_TooManyTaps_IsRefusedUntilOneIsClosed()
    {
        Tap[] taps = [.. Enumerable.Range(0, TapRegistry.MaxTaps).Select(_ => _fixture.Open())];

        Assert.False(_fixture.Registry.TryOpen(TapQuery.Everything, TapStage.Read, out _));

        taps[3].Dispose();
        taps[3].Dispose();
        Assert.True(_fixture.Registry.TryOpen(TapQuery.Everything, TapStage.Read, out _));
        Assert.Equal(TapRegistry.MaxTaps, _fixture.Registry.Taps.Length);
    }

    [Fact]
    public void HasAny_AfterTheLastTapIsClosed_IsFalse()
    {
        Assert.False(_fixture.Registry.HasAny);
        Tap tap = _fixture.Open();
        Assert.True(_fixture.Registry.HasAny);

        tap.Dispose();

        Assert.False(_fixture.Registry.HasAny);
        Assert.False(_fixture.Sut.Begin(_fixture.Attributes));
    }

    [Fact]
    public async Task Dispose_WithARecord_EndsTheReaderAfterIt()
    {
        Tap tap = _fixture.Open();
        _fixture.Process("a");
        tap.Dispose();

        Assert.True(await tap.WaitToReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("a", TapFixture.LineOf(Assert.Single(TapFixture.Read(tap))));
        Assert.False(await tap.WaitToReadAsync(TestContext.Current.CancellationToken));
        _fixture.Process("b");
        Assert.Empty(TapFixture.Read(tap));
    }

    [Fact]
    public void Add_MoreThanTheRate_CountsTheRestAsSkipped()
    {
        Tap tap = _fixture.Open();
        Tap other = _fixture.Open("{namespace=\"other\"}");

        Assert.Equal(2500, _fixture.Process([.. Enumerable.Repeat("a", 2500)]).Count);

        Assert.Equal(Tap.MaxRecordsPerSecond, TapFixture.Read(tap).Count);
        Assert.Equal(1500, tap.TakeSkipped());
        Assert.Equal(0, tap.TakeSkipped());
        Assert.Equal(0, other.TakeSkipped());

        _fixture.Time.Advance(TimeSpan.FromMilliseconds(500));
        _fixture.Process([.. Enumerable.Repeat("a", 2500)]);
        Assert.Equal(Tap.MaxRecordsPerSecond / 2, TapFixture.Read(tap).Count);
        Assert.Equal(2000, tap.TakeSkipped());
    }

    [Fact]
    public void Add_MoreBytesThanTheRate_CountsTheRestAsSkipped()
    {
        Tap tap = _fixture.Open();

        _fixture.Process([.. Enumerable.Repeat(new string('a', 10 * 1024), 500)]);

        int shown = TapFixture.Read(tap).Count;
        Assert.InRange(shown, 90, 105);
        Assert.Equal(500 - shown, tap.TakeSkipped());
    }

    [Fact]
    public void Add_NobodyReads_KeepsABoundedNumberOfRecords()
    {
        Tap tap = _fixture.Open();
        for (int second = 0; second < 10; second++)
        {
            _fixture.Process([.. Enumerable.Repeat("a", 600)]);
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(Tap.MaxRecordsPerSecond, TapFixture.Read(tap).Count);
        Assert.Equal(5000, tap.TakeSkipped());
    }

    [Fact]
    public void TryRun_NoRoom_AllocatesNothing()
    {
        _fixture.Open();
        byte[][] lines = [.. Enumerable.Repeat("a line"u8.ToArray(), 2000)];
        Run(lines);

        Assert.InRange(Support.Allocation.Least(() => Run(lines)), 0, 1000);
    }

    [Fact]
    public void FindLabels_OtherStream_IsNotTapped()
    {
        _fixture.Open("{namespace=\"other\"}");

        Assert.False(_fixture.Sut.Begin(_fixture.Attributes));
    }

    private void Run(byte[][] lines)
    {
        Assert.True(_fixture.Sut.Begin(_fixture.Attributes));
        for (int i = 0; i < lines.Length; i++)
        {
            RecordDraft draft = TapFixture.DraftOf(lines[i], i, _fixture.Attributes);
            _fixture.Sut.TryRun(_fixture.Attributes.Rules, _fixture.Limit, ref draft, out _, out _);
        }

        _fixture.Sut.End();
    }
}
