using System.Globalization;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Tailing;
using Shipper.Protocol;
using Shipper.Records;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Lanes.Behaviour;

/// <summary>
/// The clocks of the node and of its containers are wrong, and are set: nothing is lost or duplicated, even if the agent is killed in between.
/// </summary>
public class ClockTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    [Theory]
    [InlineData(20)]
    [InlineData(-60 * 24 * 8)]
    [InlineData(60 * 24 * 365)]
    public void Turn_ClockIsWrongAndIsCorrected_SendsLinesInOrder(int minutesAhead)
    {
        using TailingFixture sut = Create();
        sut.Clock.Ahead = TimeSpan.FromMinutes(minutesAhead);
        Print(sut, "wrong", 20);
        sut.Find();
        Print(sut, "later", 20);
        sut.Turn();
        sut.Clock.Ahead = TimeSpan.Zero;
        Print(sut, "right", 20);
        sut.Turn();

        Assert.Equal(Expect(("wrong", 20), ("later", 20), ("right", 20)), sut.Lines);
        Assert.Equal(40, sut.Entries.Count(IsMoved));
        Assert.Equal(40, sut.Metrics.RetimedRecords.Get(minutesAhead > 0 ? RetimeReasons.TooNew : RetimeReasons.TooOld));

        // The disk's clock is right, so the agent doesn't know yet that the first lines were written just now.
        Assert.All(sut.Entries.Skip(minutesAhead > 0 ? 0 : 20), entry => Assert.InRange(sut.Time.GetUtcNow() - TimeOf(entry), -TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)));
        AssertNothingDropped(sut);
    }

    /// <summary>The agent is killed after the push with the new times: the checkpoint has them.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restart_KilledAfterPushingMovedRecords_StoresEachOnce(bool isStored)
    {
        using TailingFixture sut = Create();
        Print(sut, "before", 3);
        sut.Find();
        sut.Clock.Ahead = TimeSpan.FromMinutes(20);
        Print(sut, "wrong", 10);
        sut.Clock.Ahead = TimeSpan.Zero;
        Print(sut, "right", 5);
        sut.Withhold();
        sut.Turn();
        Assert.True(sut.IsPending);
        if (isStored)
        {
            sut.StorePending();
        }

        sut.Restart();
        Print(sut, "after", 3);
        sut.Find();

        Assert.Equal(Expect(("before", 3), ("wrong", 10), ("right", 5), ("after", 3)).Order(), sut.Lines.Order());
        Assert.Equal(0, sut.Metrics.PossibleDuplicates.Get());
        AssertNothingDropped(sut);
    }

    /// <summary>The agent knows which times Loki accepts and moves records before it sends them; then it is killed.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restart_KilledAfterMovingRecordsInAdvance_StoresEachOnce(bool isStored)
    {
        using TailingFixture sut = Create();
        sut.Clock.Ahead = TimeSpan.FromMinutes(20);
        Print(sut, "a", 3);
        sut.Find();
        sut.Withhold();
        Print(sut, "b", 10);
        sut.Turn();
        Assert.True(sut.IsPending);
        if (isStored)
        {
            sut.StorePending();
        }

        int pushes = sut.Pushes;
        sut.Restart();
        sut.Time.Advance(TimeSpan.FromMinutes(3));
        sut.Find();

        Assert.Equal(Expect(("a", 3), ("b", 10)), sut.Lines);
        Assert.True(sut.Pushes == (isStored ? pushes : pushes + 1), string.Join("\n", sut.Requests.Select(request => request.ToString())));
    }

    /// <summary>Loki has records with the times that they were moved to. The state knows these times, so it is not mistaken for an older copy.</summary>
    [Fact]
    public void Settle_RecordsWereMoved_KnowsTheirTimes()
    {
        using TailingFixture sut = Create();
        sut.Clock.Ahead = TimeSpan.FromMinutes(20);
        Print(sut, "0", 3);
        sut.Find();
        for (int i = 1; i <= 6; i++)
        {
            sut.Time.Advance(TimeSpan.FromMinutes(6));
            Print(sut, i.ToString(CultureInfo.InvariantCulture), 3);
            sut.Turn();
        }

        Assert.All(sut.Entries, entry => Assert.True(IsMoved(entry)));
        sut.Restore(sut.ReadState());
        Assert.False(sut.Settle());
    }

    /// <summary>A machine without a battery-backed clock starts in 1970, or the lines of its boot do.</summary>
    [Fact]
    public void Turn_ClockStartsIn1970_SendsLinesAndReportsASaneLag()
    {
        using TailingFixture sut = Create();
        sut.Clock.Ahead = DateTimeOffset.UnixEpoch.AddHours(1) - sut.Time.GetUtcNow();
        Print(sut, "boot", 5);
        sut.Find();
        sut.Clock.Ahead = TimeSpan.Zero;
        Print(sut, "set", 5);
        sut.Withhold();
        sut.Turn();

        Assert.InRange(sut.Time.GetUtcNow() - new DateTimeOffset(UnixTime.ToDateTime(sut.Status.OldestNs == long.MaxValue ? sut.Time.GetUnixNanoseconds() : sut.Status.OldestNs), TimeSpan.Zero), -MaxAge, TimeSpan.FromMinutes(5));
        sut.Answer();
        sut.Turn();
        Assert.Equal(Expect(("boot", 5), ("set", 5)), sut.Lines);
        AssertNothingDropped(sut);
    }

    /// <summary>The logs of the node go back months: the old lines stay before the newer ones.</summary>
    [Fact]
    public void Scan_LogOfThreeMonths_KeepsOldLinesBeforeNewerOnes()
    {
        using TailingFixture sut = Create();
        DateTimeOffset now = sut.Time.GetUtcNow();
        List<DateTimeOffset> times = [.. Enumerable.Range(0, 90).Select(day => now - TimeSpan.FromDays(89.5 - day))];
        File.WriteAllLines(sut.Log, times.Select((time, i) => $"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffff}Z stdout F {i}"));
        sut.Find();

        Assert.Equal(Enumerable.Range(0, 90).Select(i => $"{i}"), sut.Entries.OrderBy(TimeOf).Select(entry => entry.Line));
        Assert.Equal(83, sut.Entries.Count(IsMoved));
    }

    /// <summary>
    /// Lines without timestamps are written while the clock is 40 minutes ahead; then the clock is corrected, with or without a restart.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Turn_PlainLinesAfterTheClockIsCorrected_HaveThePresentTime(bool restarts)
    {
        using TailingFixture sut = Create(hasHeaders: false);
        sut.Clock.Ahead = TimeSpan.FromMinutes(40);
        PrintPlain(sut, "ahead", 20);
        sut.Find();
        sut.Clock.Ahead = TimeSpan.Zero;
        if (restarts)
        {
            sut.Restart();
            sut.Find();
        }

        for (int i = 0; i < 3; i++)
        {
            PrintPlain(sut, "right" + i, 5);
            sut.Turn();
        }

        Assert.Equal(Expect(("ahead", 20), ("right0", 5), ("right1", 5), ("right2", 5)), sut.Lines);
        Assert.DoesNotContain(sut.Entries.Skip(20), IsMoved);
        Assert.Equal(sut.Entries.Select(TimeOf).Order(), sut.Entries.Select(TimeOf));
        AssertNothingDropped(sut);
    }

    /// <summary>A Loki that accepts future times has stored some; once the clock is right again, later lines must not continue from them.</summary>
    [Fact]
    public void Turn_PlainLinesAfterLokiAcceptedFutureTimes_HaveThePresentTime()
    {
        using var sut = new TailingFixture(hasHeaders: false);
        sut.Clock.Ahead = TimeSpan.FromMinutes(40);
        PrintPlain(sut, "ahead", 5);
        sut.Find();
        sut.Clock.Ahead = TimeSpan.Zero;
        PrintPlain(sut, "right", 5);
        sut.Turn();

        Assert.All(sut.Entries.Skip(5), entry => Assert.InRange(sut.Time.GetUtcNow() - TimeOf(entry), TimeSpan.Zero, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Turn_ClockStepsWithinLokisLimits_KeepsTimes()
    {
        using TailingFixture sut = Create();
        int[] minutes = [0, 5, -5, 9, -30, 0];
        for (int i = 0; i < minutes.Length; i++)
        {
            sut.Clock.Ahead = TimeSpan.FromMinutes(minutes[i]);
            Print(sut, "step" + i, 3);
            if (i == 0)
            {
                sut.Find();
            }

            sut.Turn();
        }

        Assert.Equal(18, sut.Entries.Count);
        Assert.DoesNotContain(sut.Entries, IsMoved);
    }

    /// <summary>The clock runs slightly too fast until it is further ahead than Loki accepts, and then slightly too slow.</summary>
    [Fact]
    public void Turn_ClockRunsTooFastThenTooSlow_LosesNothing()
    {
        using TailingFixture sut = Create();
        Print(sut, "0", 1);
        sut.Find();
        for (int i = 1; i < 60; i++)
        {
            sut.Clock.Ahead += TimeSpan.FromSeconds(i < 40 ? 20 : -20);
            Print(sut, i.ToString(CultureInfo.InvariantCulture), 1);
            sut.Turn();
        }

        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{i} 0"), sut.Lines);
        Assert.InRange(sut.Entries.Count(IsMoved), 15, 35);
        AssertNothingDropped(sut);
    }

    [Fact]
    public void Turn_ClockIsSetForwardDuringAPartialLine_WaitsForItsEnd()
    {
        using TailingFixture sut = Create();
        Print(sut, "before", 1);
        sut.Find();
        File.AppendAllText(sut.Log, $"{Now(sut)} stdout P first half, ");
        File.AppendAllText(sut.Log, "\n");
        sut.Turn();
        sut.Clock.Ahead = TimeSpan.FromHours(5);
        sut.Turn();
        sut.Clock.Ahead = TimeSpan.Zero;
        File.AppendAllText(sut.Log, $"{Now(sut)} stdout F second half\n");
        sut.Turn();

        Assert.Equal("first half, second half", sut.Lines.Last());
    }

    /// <summary>A loss report is an entry like any other.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Turn_LossWhileTheClockIsAhead_IsReportedOnce(bool isKilled)
    {
        using TailingFixture sut = Create();
        Print(sut, "before", 3);
        sut.Find();
        sut.Clock.Ahead = TimeSpan.FromMinutes(30);
        Print(sut, "ahead", 3);
        sut.Turn();
        sut.RefuseAll(new Shipper.Loki.PushAnswer(Shipper.Loki.PushVerdict.NotStored, "error"));
        Print(sut, "gone", 3);
        sut.TurnOnce();
        File.WriteAllText(sut.Log, "");
        sut.TurnOnce();
        sut.Restart();
        sut.AcceptAll();
        Print(sut, "after", 2);
        if (isKilled)
        {
            sut.Withhold();
            sut.Find();
            if (sut.IsPending)
            {
                sut.StorePending();
            }

            sut.Restart();
        }

        sut.Find();
        sut.Turn();

        Assert.Single(sut.Notices);
        Assert.True(sut.Lines.Distinct().Count() == sut.Lines.Count(), string.Join("\n", sut.Requests.Select(request => request.ToString())) + string.Join("\n", sut.Messages.Messages));
        Assert.Equal(["after 0", "after 1"], sut.Lines.TakeLast(2));
    }

    /// <summary>When the clock is set back, a stream that was fast for a moment must not need its own requests for hours.</summary>
    [Fact]
    public void NeedsOwnRequest_ClockIsSetBack_EndsWithTheBurst()
    {
        using var sut = new TailingFixture();
        var stream = new TailedStream(new StreamCheckpoint(1, "ns/pod/main"), Support.Attributes.Kind, Support.Attributes.Of(("pod", "a")));
        stream.Policy.CountBytes(10_000_000, sut.Clock.GetMonotonicMicroseconds());
        Assert.True(stream.Policy.NeedsOwnRequest(sut.Clock.GetMonotonicMicroseconds()));

        sut.Clock.Ahead = -TimeSpan.FromHours(3);
        sut.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.False(stream.Policy.NeedsOwnRequest(sut.Clock.GetMonotonicMicroseconds()));
    }

    /// <summary>A Loki with its time limits; its clock is the fake one.</summary>
    private static TailingFixture Create(bool hasHeaders = true)
    {
        var sut = new TailingFixture(hasHeaders: hasHeaders);
        sut.RefusalOf = (labels, entry) =>
        {
            long timeNs = UnixTime.ToNanoseconds(TimeOf(entry));
            long oldestNs = UnixTime.ToNanoseconds(sut.Time.GetUtcNow() - MaxAge);
            return timeNs < oldestNs ? LokiMessages.TooOld(labels, timeNs, oldestNs)
                : timeNs > UnixTime.ToNanoseconds(sut.Time.GetUtcNow() + Grace) ? LokiMessages.TooNew(labels, timeNs) : null;
        };
        return sut;
    }

    private static void Print(TailingFixture sut, string text, int lines) =>
        File.AppendAllLines(sut.Log, Enumerable.Range(0, lines).Select(i => $"{Now(sut, i)} stdout F {text} {i}"));

    private static void PrintPlain(TailingFixture sut, string text, int lines) => File.AppendAllLines(sut.Log, Enumerable.Range(0, lines).Select(i => $"{text} {i}"));

    private static string Now(TailingFixture sut, int ticks = 0) => (sut.Clock.GetUtcNow() + TimeSpan.FromTicks(ticks)).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Expect(params (string Text, int Lines)[] printed) => printed.SelectMany(one => Enumerable.Range(0, one.Lines).Select(i => $"{one.Text} {i}"));

    private static bool IsMoved(EntryAdapter entry) => entry.StructuredMetadata.Any(pair => pair.Name == "original_timestamp");

    private static DateTimeOffset TimeOf(EntryAdapter entry) => DateTimeOffset.UnixEpoch.AddSeconds(entry.Timestamp.Seconds).AddTicks(entry.Timestamp.Nanos / 100);

    private static void AssertNothingDropped(TailingFixture sut)
    {
        foreach (string reason in DropReasons.All)
        {
            Assert.Equal(0, sut.Metrics.DroppedRecords.Get(reason));
        }
    }
}
