using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Telemetry;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Delivery.Behaviour;

/// <summary>
/// No record is dropped because of a clock: if Loki refuses its time, the record is sent with a time that Loki accepts, and its own in the metadata.
/// </summary>
public class RefusedTimesTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>The clock of the node, or of its containers, is ahead of Loki's.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData(11)]
    [InlineData(60 * 24 * 8)]
    [InlineData(60 * 24 * 365 * 10)]
    public async Task Deliver_TooNew_MovesTimesToThePresent(int minutesAhead)
    {
        using var sut = new SenderFixture();
        sut.LokiTime.Ahead = -TimeSpan.FromMinutes(minutesAhead);
        sut.Append("a", 20);

        await sut.DeliverAsync(TimeSpan.FromMinutes(1));

        AssertAllMoved(sut, "a");
        Assert.All(sut.Entries("a"), entry => Assert.InRange(AgeOf(sut, entry), TimeSpan.Zero, TimeSpan.FromSeconds(5)));
        Assert.Equal(2, sut.Loki.Requests.Count);
        Assert.Contains(sut.Log.Messages, message => message.Contains("too far ahead", StringComparison.Ordinal) && message.Contains("NTP", StringComparison.Ordinal));
    }

    /// <summary>The agent remembers the bound: the next batch is accepted at once.</summary>
    [Fact]
    public async Task Deliver_AfterTooNew_MovesTimesBeforeSending()
    {
        using var sut = new SenderFixture();
        sut.LokiTime.Ahead = -TimeSpan.FromMinutes(20);
        sut.Append("a", 5);
        await sut.DeliverAsync();
        sut.Batch.Clear();
        sut.Time.Advance(TimeSpan.FromSeconds(5));
        int before = sut.Loki.Requests.Count;

        sut.Append("a", 5);
        await sut.DeliverAsync();

        Assert.Equal(before + 1, sut.Loki.Requests.Count);
        AssertAllMoved(sut, "a");
        AssertOrdered(sut, "a");
    }

    /// <summary>Loki refuses some records of a batch and stores the others: the stored ones are not resent, and the refused ones still follow them.</summary>
    [Fact]
    public async Task Deliver_SomeTooNew_StoresTheOthersOnceAndInOrder()
    {
        using var sut = new SenderFixture();
        DateTimeOffset now = sut.Time.GetUtcNow();
        sut.Append("a", 3, at: now - TimeSpan.FromSeconds(10));
        sut.Append("a", 5, at: now + TimeSpan.FromMinutes(40));
        sut.Append("a", 4, at: now - TimeSpan.FromSeconds(5));
        sut.Append("b", 2);

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Entries("a").OrderBy(entry => entry.TimestampNs).Select(entry => entry.Line));
        Assert.Equal(sut.Appended("b"), sut.Stored("b"));
        Assert.Equal(5, sut.Entries("a").Count(IsMoved));
        Assert.Equal(5, sut.Loki.Requests[1].Streams.Sum(stream => stream.Entries.Count));
        Assert.Equal(0, sut.Loki.QueryCount);
    }

    /// <summary>A time before Kubernetes existed comes from a clock that was never set.</summary>
    [Fact]
    public async Task Deliver_TimesOf1970_MovesThemToThePresent()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 20, at: DateTimeOffset.UnixEpoch.AddSeconds(7));

        await sut.DeliverAsync();

        AssertAllMoved(sut, "a");
        Assert.All(sut.Entries("a"), entry => Assert.InRange(AgeOf(sut, entry), TimeSpan.Zero, TimeSpan.FromSeconds(5)));
        Assert.StartsWith("original_timestamp=1970-01-01T00:00:07.", sut.Entries("a")[0].Metadata, StringComparison.Ordinal);
    }

    /// <summary>Old records keep their distance from the newer ones that follow.</summary>
    [Fact]
    public async Task Deliver_OldLog_MovesTimesToTheOldestAcceptedTime()
    {
        using var sut = new SenderFixture();
        DateTimeOffset now = sut.Time.GetUtcNow();
        foreach (int days in (int[])[30, 6, 0])
        {
            sut.Append("a", 5, at: now - TimeSpan.FromDays(days));
            await sut.DeliverAsync();
            sut.Batch.Clear();
        }

        Assert.Equal(sut.Appended("a"), sut.Entries("a").OrderBy(entry => entry.TimestampNs).Select(entry => entry.Line));
        Assert.Equal(5, sut.Entries("a").Count(IsMoved));
        Assert.All(sut.Entries("a").Where(IsMoved), entry => Assert.InRange(AgeOf(sut, entry), TimeSpan.FromDays(6), TimeSpan.FromDays(7)));
    }

    /// <summary>The records were written just now, even though the clock was wrong.</summary>
    [Fact]
    public async Task Deliver_RecentlyWrittenButTooOld_MovesTimesToThePresent()
    {
        using var sut = new SenderFixture();
        sut.LokiTime.Ahead = TimeSpan.FromDays(8);
        sut.Append("a", 20).IsRecentlyWritten = true;

        await sut.DeliverAsync();

        AssertAllMoved(sut, "a");
        Assert.All(sut.Entries("a"), entry => Assert.InRange(AgeOf(sut, entry), TimeSpan.Zero, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Deliver_OldButAccepted_KeepsTimes()
    {
        using var sut = new SenderFixture(new LokiLimits { RejectsOld = false });
        DateTimeOffset at = sut.Time.GetUtcNow() - TimeSpan.FromDays(30);
        sut.Append("a", 5, at: at);

        await sut.DeliverAsync();

        Assert.Equal(Enumerable.Range(0, 5).Select(i => UnixTime.ToNanoseconds(at) + i), sut.Entries("a").Select(entry => entry.TimestampNs));
        Assert.DoesNotContain(sut.Entries("a"), IsMoved);
    }

    /// <summary>The gateway's clock differs from Loki's.</summary>
    [Theory]
    [InlineData(-20)]
    [InlineData(-60 * 24 * 8)]
    [InlineData(60 * 24 * 8)]
    public async Task Deliver_GatewayHasAnotherClock_FindsLokisClock(int lokiAheadMinutes)
    {
        using var sut = new SenderFixture();
        sut.LokiTime.Ahead = TimeSpan.FromMinutes(lokiAheadMinutes);
        sut.Loki.GatewayTime = sut.Time;
        sut.Append("a", 20).IsRecentlyWritten = true;

        await sut.DeliverAsync(TimeSpan.FromMinutes(2));

        AssertAllMoved(sut, "a");
        Assert.InRange(sut.Loki.Requests.Count, 2, 20);
    }

    /// <summary>A tenant may allow less than Loki does by default.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(600)]
    public async Task Deliver_UnusualGracePeriod_FindsIt(int seconds)
    {
        using var sut = new SenderFixture(new LokiLimits { GracePeriod = TimeSpan.FromSeconds(seconds) });
        sut.LokiTime.Ahead = -TimeSpan.FromSeconds(seconds + 30);
        for (int i = 0; i < 20; i++)
        {
            sut.Append("a", 5);
            await sut.DeliverAsync(TimeSpan.FromMinutes(1));
            sut.Batch.Clear();
            sut.Time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.InRange(sut.Loki.Requests.Count, 20, 26);
    }

    /// <summary>The error messages differ for each second.</summary>
    [Fact]
    public async Task Deliver_ThousandsOfRefusedSeconds_MovesAllTimes()
    {
        using var sut = new SenderFixture();
        DateTimeOffset now = sut.Time.GetUtcNow();
        for (int i = 0; i < 5000; i++)
        {
            sut.Append("a", at: now - TimeSpan.FromDays(9) + TimeSpan.FromSeconds(i * 60));
        }

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a").Order(StringComparer.Ordinal), sut.Stored("a").Order(StringComparer.Ordinal));
        Assert.Equal(2880, sut.Entries("a").Count(IsMoved));
        Assert.Equal(0, sut.Metrics.PossibleDuplicates.Get());
    }

    /// <summary>One request contains lines that are too long and lines with timestamps from a clock that is ahead.</summary>
    [Fact]
    public async Task Deliver_SeveralReasonsInOneResponse_HandlesEachSeparately()
    {
        using var sut = new SenderFixture(new LokiLimits { MaxLineBytes = 5 });
        DateTimeOffset now = sut.Time.GetUtcNow();
        sut.Append("a", 3, at: now);
        sut.Append("a", 2, at: now + TimeSpan.FromHours(1));
        sut.Append("b", 2, at: now - TimeSpan.FromDays(20));
        sut.Append("longname", 2, at: now);

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a").Order(StringComparer.Ordinal));
        Assert.Equal(sut.Appended("b"), sut.Stored("b"));
        Assert.Empty(sut.Stored("longname"));
        Assert.Equal(2, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    /// <summary>Two records lie within the second of the bound: only the number of refused records shows that one of them is too old.</summary>
    [Fact]
    public async Task Deliver_BoundWithinASecond_MovesOnlyTheOlderRecord()
    {
        using var sut = new SenderFixture();
        DateTimeOffset bound = sut.LokiTime.GetUtcNow() - TimeSpan.FromHours(168);
        sut.Append("a", 1, at: bound - TimeSpan.FromTicks(1));
        sut.Append("a", 1, at: bound + TimeSpan.FromTicks(1));

        await sut.DeliverAsync();

        Assert.Equal(2, sut.Entries("a").Count);
        Assert.Equal(1, sut.Entries("a").Count(IsMoved));
    }

    /// <summary>The saved window determines each record's time, so that a record gets the same time when it is read again.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Deliver_RecordsReadAgainWithTheSavedWindow_HaveTheSameTimes(int seed)
    {
        var random = new Random(seed);
        using var sut = new SenderFixture();
        DateTimeOffset now = sut.Time.GetUtcNow();
        List<DateTimeOffset> times = [.. Enumerable.Range(0, 60).Select(i => now + TimeSpan.FromMinutes(random.Next(5) switch { 0 => random.Next(30, 300), 1 => -random.Next(30), _ => 0 }) + TimeSpan.FromTicks(i))];
        LogStream stream = null!;
        times.ForEach(time => stream = sut.Append("a", at: time));
        TimeWindow? saved = null;
        sut.SavingTimes = () => saved = stream.LastRun!.Window;
        await sut.DeliverAsync();
        Dictionary<string, long> sent = sut.Entries("a").ToDictionary(entry => entry.Line, entry => entry.TimestampNs);
        Assert.Equal(60, sent.Count);

        var clock = StreamClock.Start;
        long lastMovedNs = StreamClock.None;
        for (int i = 0; i < times.Count; i++)
        {
            clock = clock.Next(UnixTime.ToNanoseconds(times[i]), saved!.Value, out _);
            long timeNs = clock.LastSentNs;
            if (timeNs < saved.Value.FromNs || timeNs > saved.Value.ToNs)
            {
                timeNs = lastMovedNs = saved.Value.Move(timeNs, lastMovedNs);
            }

            Assert.Equal(sent[sut.Appended("a").ElementAt(i)], timeNs);
        }
    }

    /// <summary>An ingester has newer records of the stream: late records get later times than those.</summary>
    [Theory]
    [InlineData("2.9.17", 60)]
    [InlineData("3.7.6", 60)]
    [InlineData("3.7.6", 20)]
    public async Task Deliver_TooFarBehind_MovesTimesAndDropsNothing(string release, int maxBehindMinutes)
    {
        using var sut = new SenderFixture(new LokiLimits { Release = new Version(release), MaxBehind = TimeSpan.FromMinutes(maxBehindMinutes) });
        DateTimeOffset now = sut.Time.GetUtcNow();
        StoreElsewhere(sut, "late", now);
        sut.Append("late", 4, at: now - TimeSpan.FromMinutes(maxBehindMinutes + 5));
        sut.Append("late", 2, at: now - TimeSpan.FromMinutes(1));
        sut.Append("other", 2).Policy.OnAcknowledged(sut.Time.GetMonotonicMicroseconds());

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("late"), sut.Stored("late").Where(line => line != "elsewhere").Order(StringComparer.Ordinal));
        Assert.Equal(4, sut.Entries("late").Count(IsMoved));
        Assert.Equal(sut.Appended("other"), sut.Stored("other"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.Equal(0, sut.Metrics.PossibleDuplicates.Get());
    }

    /// <summary>With <c>unordered_writes: false</c>, possible up to Loki 3, the times of a stream must not decrease.</summary>
    [Fact]
    public async Task Deliver_OutOfOrderRefused_SendsAscendingTimes()
    {
        using var sut = new SenderFixture(new LokiLimits { Release = new Version(2, 9, 17), UnorderedWrites = false });
        DateTimeOffset now = sut.Time.GetUtcNow();
        for (int i = 0; i < 5; i++)
        {
            sut.Append("a", 2, at: now + TimeSpan.FromSeconds(i));
            sut.Append("a", 2, at: now + TimeSpan.FromSeconds(i) - TimeSpan.FromMilliseconds(500));
            await sut.DeliverAsync();
            sut.Batch.Clear();
        }

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.InRange(sut.Loki.Requests.Count, 6, 7);
    }

    /// <summary>Loki's clock was ahead and was set back: Loki accepts nothing of this stream for a while.</summary>
    [Fact]
    public async Task Deliver_NoTimeIsAccepted_HoldsTheStreamAndSendsTheOthers()
    {
        using var sut = new SenderFixture();
        sut.LokiTime.Ahead = TimeSpan.FromHours(5);
        StoreElsewhere(sut, "a", sut.LokiTime.GetUtcNow());
        sut.LokiTime.Ahead = TimeSpan.Zero;
        LogStream a = sut.Append("a", 3);
        sut.Append("b", 3).Policy.OnAcknowledged(sut.Time.GetMonotonicMicroseconds());

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(a, Assert.Single(outcome.Refusals).Stream);
        Assert.Equal(sut.Appended("b"), sut.Stored("b"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    /// <summary>The refusal does not match the request: nothing is moved, dropped or sent twice.</summary>
    [Theory]
    [InlineData("entry for stream '{pod=\"x\"}' has timestamp too new: 2020-01-01T00:00:00Z")]
    [InlineData("99 errors like: entry for stream '{pod=\"x\"}' has timestamp too new: 2020-01-01T00:00:00Z; 1 errors like: max entry size '5' bytes")]
    [InlineData("stream '{pod=\"x\"}' has label value too long: 'x'")]
    public async Task Deliver_RefusalDoesNotFitTheRequest_AsksLokiBeforeResending(string text)
    {
        using var sut = new SenderFixture();
        sut.Append("a", 5);
        sut.Loki.Script.Enqueue(request =>
        {
            sut.Loki.Store(request);
            return LokiAnswers.Read(400, text);
        });

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Single(sut.Loki.Requests);
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    [Fact]
    public async Task Deliver_ResponseToMovedRecordsIsLost_FindsThemByTheirNewTimes()
    {
        using var sut = new SenderFixture();
        sut.LokiTime.Ahead = -TimeSpan.FromMinutes(20);
        sut.Append("a", 5);
        sut.Loki.Script.Enqueue(static _ => null);
        sut.Loki.Script.Enqueue(request =>
        {
            sut.Loki.Store(request);
            return new PushAnswer(PushVerdict.Unconfirmed, "error", "connection reset");
        });

        await sut.DeliverAsync();

        Assert.Equal(2, sut.Loki.Requests.Count);
        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(0, sut.Metrics.PossibleDuplicates.Get());
    }

    private static void StoreElsewhere(SenderFixture sut, string pod, DateTimeOffset at)
    {
        var request = new Protocol.PushRequest();
        var stream = new Protocol.StreamAdapter { Labels = $"{{cluster=\"c\", node=\"n\", pod=\"{pod}\"}}" };
        stream.Entries.Add(new Protocol.EntryAdapter { Timestamp = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at), Line = "elsewhere" });
        request.Streams.Add(stream);
        Assert.Equal(PushVerdict.Stored, sut.Loki.Store(request).Verdict);
    }

    private static bool IsMoved(StoredEntry entry) => entry.Metadata.Contains("original_timestamp=", StringComparison.Ordinal);

    private static TimeSpan AgeOf(SenderFixture sut, StoredEntry entry) => sut.LokiTime.GetUtcNow() - new DateTimeOffset(UnixTime.ToDateTime(entry.TimestampNs), TimeSpan.Zero);

    private static void AssertAllMoved(SenderFixture sut, string pod)
    {
        Assert.Equal(sut.Appended(pod), sut.Stored(pod));
        Assert.All(sut.Entries(pod), entry => Assert.True(IsMoved(entry)));
        Assert.All(sut.Entries(pod), entry => Assert.InRange(AgeOf(sut, entry), -Grace, TimeSpan.FromDays(7)));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    private static void AssertOrdered(SenderFixture sut, string pod) =>
        Assert.Equal(sut.Entries(pod).Select(entry => entry.TimestampNs).Order(), sut.Entries(pod).Select(entry => entry.TimestampNs));
}
