using Shipper.Batching;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Telemetry;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Delivery.Behaviour;

/// <summary>
/// Limits with the messages of every release, and with unknown messages: nothing gets stuck, nothing is dropped on a guess, nothing is duplicated.
/// </summary>
public class LimitAnswersTests
{
    [Theory]
    [InlineData("2.9.17")]
    [InlineData("3.5.5")]
    [InlineData("3.7.6")]
    public async Task Deliver_BurstLimitBelowRequestSize_SendsSmallerRequests(string release)
    {
        using var sut = new SenderFixture(new LokiLimits { Release = new Version(release), BurstBytes = 2000 });
        sut.Append("a", 2000);

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(0, sut.Loki.QueryCount);
    }

    /// <summary>A 429 with an unknown message, perhaps from a gateway: the agent first asks Loki what it has, then sends smaller requests.</summary>
    [Theory]
    [InlineData("<html><title>429 Too Many Requests</title></html>")]
    [InlineData("local_rate_limited")]
    [InlineData("")]
    [InlineData("the tenant has had enough for today")]
    public async Task Deliver_Unknown429_SendsSmallerRequests(string text)
    {
        using var sut = new SenderFixture();
        sut.Append("a", 200);
        sut.Append("b", 200);
        sut.Loki.OnPush = request => request.Streams.Sum(stream => stream.Entries.Count) > 7 ? LokiAnswers.Read(429, text) : null;

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(sut.Appended("b"), sut.Stored("b"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.True(sut.Loki.QueryCount > 0);
    }

    [Fact]
    public async Task Deliver_Unknown429ButRecordsStored_DoesNotResend()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 20);
        sut.Loki.Script.Enqueue(request =>
        {
            sut.Loki.Store(request);
            return LokiAnswers.Read(429, "quota");
        });

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Single(sut.Loki.Requests);
    }

    /// <summary>One stream exceeds a limit, and the message is unknown: the stream waits, and the others continue.</summary>
    [Fact]
    public async Task Deliver_Unknown429ForOneStream_SendsTheOthers()
    {
        using var sut = new SenderFixture();
        LogStream bad = sut.Append("bad", 5);
        sut.Append("good", 5);
        sut.Loki.OnPush = request => request.Streams.Any(stream => stream.Labels.Contains("bad", StringComparison.Ordinal)) ? LokiAnswers.Read(429, "quota of the pod") : null;
        using var timer = sut.Time.CreateTimer(_ => sut.Sut.CountStored(0, 0), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(bad, Assert.Single(outcome.Refusals).Stream);
        Assert.Equal(sut.Appended("good"), sut.Stored("good"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    /// <summary>A line larger than the burst limit is never accepted: its stream waits and does not hold up the others.</summary>
    [Fact]
    public async Task Deliver_RecordAboveTheBurstLimit_SendsTheOthersAndDropsNothing()
    {
        using var sut = new SenderFixture();
        LogStream large = sut.Append("large", 1, padding: 3000);
        sut.Append("good", 5);
        sut.Loki.OnPush = request => request.Streams.Any(stream => stream.Labels.Contains("large", StringComparison.Ordinal))
            ? LokiAnswers.Read(429, "Ingestion rate limit exceeded for user fake (limit: 10 bytes/sec) while attempting to ingest '1' lines totaling '999' bytes") : null;

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(30));

        Assert.Equal((large, false), (Assert.Single(outcome.Refusals).Stream, outcome.Refusals[0].IsUnconfirmed));
        Assert.Equal(sut.Appended("good"), sut.Stored("good"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    /// <summary>Before 3.1, Loki does not say which new stream it refused.</summary>
    [Theory]
    [InlineData("2.9.17", true)]
    [InlineData("2.9.17", false)]
    [InlineData("3.7.6", true)]
    public async Task Deliver_StreamLimitReached_RefusesNewStreamsAndSendsKnownOnes(string release, bool canAsk)
    {
        using var sut = new SenderFixture(new LokiLimits { Release = new Version(release), MaxStreams = 2 });
        sut.Append("known", 2);
        await sut.DeliverAsync();
        sut.Batch.Clear();
        sut.Loki.OnQuery = () => canAsk ? null : new QueryAnswer(QueryOutcome.Impossible);
        sut.Append("known", 2).Policy.OnAcknowledged(sut.Time.GetMonotonicMicroseconds());
        for (int i = 0; i < 3; i++)
        {
            sut.Append($"new-{i}", 2);
        }

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(sut.Appended("known"), sut.Stored("known"));
        Assert.Equal(canAsk ? 2 : 3, outcome.Refusals.Count);
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    /// <summary>Without stream sharding, the default of 2.9, an ingester refuses single entries: those that it stored are not resent.</summary>
    [Fact]
    public async Task Deliver_StreamRateLimitsSingleEntries_RefusesTheStreamAsUnconfirmed()
    {
        using var sut = new SenderFixture(new LokiLimits { Release = new Version(2, 9, 17), EnforcesRates = true, ShardsStreams = false, StreamRateBytes = 10, StreamBurstBytes = 100 });
        LogStream hot = sut.Append("hot", 200);

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(1));

        Assert.InRange(sut.Stored("hot").Count(), 1, 199);
        Assert.Equal((hot, true), (Assert.Single(outcome.Refusals).Stream, outcome.Refusals[0].IsUnconfirmed));
    }

    /// <summary>Loki stores nothing that belongs to a blocked policy; the rest of the request is stored and not resent.</summary>
    [Theory]
    [InlineData("3.5.5", 260)]
    [InlineData("3.7.6", 260)]
    [InlineData("3.7.6", 403)]
    [InlineData("3.7.6", 429)]
    [InlineData("3.7.6", 500)]
    public async Task Deliver_PolicyIsBlocked_HoldsItsStreamsAndSendsTheOthersOnce(string release, int status)
    {
        using var sut = new SenderFixture(new LokiLimits
        {
            Release = new Version(release),
            BlockedStatus = status,
            BlockedPolicy = labels => labels.Contains("blocked", StringComparison.Ordinal) ? "ops" : null,
        });
        LogStream blocked = sut.Append("blocked", 3);
        sut.Append("good", 4);
        sut.Append("fine", 2);

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(blocked, Assert.Single(outcome.Refusals).Stream);
        Assert.Equal(sut.Appended("good"), sut.Stored("good"));
        Assert.Equal(sut.Appended("fine"), sut.Stored("fine"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    [Fact]
    public async Task Deliver_TenantIsBlockedForAnHour_DropsNothingAndLogsTheRemedy()
    {
        DateTimeOffset end = DateTimeOffset.MaxValue;
        var limits = new LokiLimits();
        using var sut = new SenderFixture(limits);
        limits.BlockedPolicy = _ => sut.Time.GetUtcNow() < end ? "" : null;
        end = sut.Time.GetUtcNow() + TimeSpan.FromHours(1);
        sut.Append("a", 3);
        sut.Append("b", 3);

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(sut.Appended("b"), sut.Stored("b"));
        Assert.Contains(sut.Log.Messages, message => message.Contains("has blocked ingestion", StringComparison.Ordinal));
    }

    /// <summary>An operator can add the labels that the tenant requires: streams without them wait.</summary>
    [Theory]
    [InlineData("3.4.0")]
    [InlineData("3.6.0")]
    [InlineData("3.7.6")]
    public async Task Deliver_RequiredLabelsAreMissing_HoldsTheStreams(string release)
    {
        using var sut = new SenderFixture(new LokiLimits { Release = new Version(release), EnforcedLabels = ["team"] });
        LogStream a = sut.Append("a", 3);
        LogStream b = sut.Append("b", 3);

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(1));

        Assert.Equivalent(new[] { a, b }, outcome.Refusals.Select(refusal => refusal.Stream));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.Contains("missing required labels", outcome.Refusals[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliver_LabelsExceedALimit_CountsAllRecordsOfTheStreamAsDropped()
    {
        using var sut = new SenderFixture(new LokiLimits { MaxLabelValueBytes = 16 });
        sut.Append("a-name-that-is-too-long", 7);
        sut.Append("short", 2);

        await sut.DeliverAsync();

        Assert.Equal(7, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.Equal(sut.Appended("short"), sut.Stored("short"));
    }

    /// <summary>
    /// A message that a later release may have, in the form of validation errors: stored records are not resent, the others are not dropped at once.
    /// </summary>
    [Fact]
    public async Task Deliver_UnknownValidationError_HoldsTheStreamAndSendsTheOthers()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 5);
        LogStream odd = sut.Append("odd", 5);
        sut.Loki.OnPush = request =>
        {
            List<Protocol.StreamAdapter> refused = [.. request.Streams.Where(stream => stream.Labels.Contains("odd", StringComparison.Ordinal))];
            refused.ForEach(stream => request.Streams.Remove(stream));
            if (request.Streams.Count > 0)
            {
                sut.Loki.Store(request);
            }

            return refused.Count == 0 ? new PushAnswer(PushVerdict.Stored, "204") : LokiAnswers.Read(400, "5 errors like: stream '{pod=\"odd\"}' is of a kind that this tenant does not want; 1 errors like: another reason");
        };
        using var timer = sut.Time.CreateTimer(_ => sut.Sut.CountStored(0, 0), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(odd, Assert.Single(outcome.Refusals).Stream);
        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }
}
