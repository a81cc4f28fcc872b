using Shipper.Batching;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Telemetry;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Delivery;

public class SenderTests
{
    private static readonly PushAnswer Broken = LokiAnswers.Read(500, "label name is empty");

    [Fact]
    public async Task Deliver_BatchIsStored_SendsOneRequestAndNoQuery()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 3);

        DeliveryOutcome outcome = await sut.DeliverAsync();

        Assert.Empty(outcome.Refusals);
        Assert.Equal((1, 0), (sut.Loki.Requests.Count, sut.Loki.QueryCount));
        Assert.Equal(3, sut.Metrics.SentRecords.Get());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deliver_ResponseLost_AsksLokiAndResendsOnlyIfMissing(bool isStored)
    {
        using var sut = new SenderFixture();
        sut.Append("a", 3);
        sut.Loki.Script.Enqueue(request => Lose(sut, request, isStored));

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(isStored ? 1 : 2, sut.Loki.Requests.Count);
        Assert.Equal(0, sut.Metrics.PossibleDuplicates.Get());
        Assert.Equal(3, sut.Metrics.SentRecords.Get());
    }

    /// <summary>The agent's cluster was renamed while records were unconfirmed: Loki is asked with the name that they were sent with.</summary>
    [Fact]
    public async Task Deliver_UnconfirmedUnderAnotherClusterName_QueriesThatName()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 2, isUnconfirmed: true, cluster: "before");
        sut.Append("b", 2, isUnconfirmed: true);

        await sut.DeliverAsync();

        Assert.Equal(["{cluster=\"before\", node=\"n\"}", "{cluster=\"c\", node=\"n\"}"], sut.Loki.QueriedSelectors.Distinct());
        Assert.Equal(4, sut.Metrics.SentRecords.Get());
    }

    [Fact]
    public async Task Deliver_RequestArrivesLate_DoesNotResend()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 3);
        PushRequest? late = null;
        sut.Loki.Script.Enqueue(request =>
        {
            late = request;
            return new PushAnswer(PushVerdict.Unconfirmed, "timeout");
        });
        sut.Loki.OnQuery = () =>
        {
            if (late is not null && sut.Loki.QueryCount == 2)
            {
                sut.Loki.Store(late);
            }

            return null;
        };

        await sut.DeliverAsync();

        Assert.Single(sut.Loki.Requests);
        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
    }

    [Fact]
    public async Task Deliver_PartOfTheRequestIsStored_ResendsOnlyTheRest()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 4);
        sut.Append("b", 2);
        sut.Loki.Script.Enqueue(request =>
        {
            // As if one of several ingesters were down.
            request.Streams.RemoveAt(1);
            sut.Loki.Store(request);
            return LokiAnswers.Read(500, "rpc error: code = Unavailable");
        });

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(sut.Appended("b"), sut.Stored("b"));
        Assert.Single(sut.Loki.Requests[1].Streams);
    }

    [Fact]
    public async Task Deliver_TooLargeForOneIngester_DropsNothing()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 4);
        sut.Append("b");
        sut.Loki.Script.Enqueue(request =>
        {
            request.Streams.Remove(request.Streams.Single(stream => stream.Labels.Contains("\"b\"", StringComparison.Ordinal)));
            sut.Loki.Store(request);
            return LokiAnswers.Read(500, "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5000000 vs. 4194304)");
        });

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(sut.Appended("b"), sut.Stored("b"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deliver_LokiCannotBeAsked_ResendsAndCountsPossibleDuplicates(bool isPermanent)
    {
        QueryOutcome outcome = isPermanent ? QueryOutcome.Impossible : QueryOutcome.Failed;
        using var sut = new SenderFixture();
        sut.Append("a", 3);
        sut.Loki.OnQuery = () => new QueryAnswer(outcome, "403 no");
        sut.Loki.Script.Enqueue(_ => LokiAnswers.Read(503, ""));
        sut.Loki.Script.Enqueue(_ => LokiAnswers.Read(503, ""));

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(6, sut.Metrics.PossibleDuplicates.Get());
    }

    [Fact]
    public async Task Deliver_ConfirmResendsOff_SendsNoQuery()
    {
        using var sut = new SenderFixture(configure: options => options.ConfirmResends = false);
        sut.Append("a");
        sut.Loki.Script.Enqueue(_ => LokiAnswers.Read(503, ""));

        await sut.DeliverAsync();

        Assert.Equal((0, 1), (sut.Loki.QueryCount, (int)sut.Metrics.PossibleDuplicates.Get()));
    }

    [Fact]
    public async Task Deliver_TooOldToBeConfirmed_ResendsAndCountsPossibleDuplicates()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 3, at: sut.Time.GetUtcNow() - TimeSpan.FromHours(5));
        sut.Loki.Script.Enqueue(_ => LokiAnswers.Read(503, ""));

        await sut.DeliverAsync();

        Assert.Equal(3, sut.Metrics.PossibleDuplicates.Get());
        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
    }

    [Fact]
    public async Task Deliver_UnconfirmedFromBefore_AsksLokiFirst()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 3, isUnconfirmed: true);
        sut.Append("b");
        sut.Loki.Store(OnlyFirst(sut));

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(3, Assert.Single(sut.Loki.Requests).Streams.Sum(stream => stream.Entries.Count));
    }

    [Fact]
    public async Task Deliver_OneStreamIsRateLimited_RefusesItAndSendsTheOthersOnce()
    {
        using var sut = new SenderFixture();
        sut.Append("small", 2);
        LogStream hot = sut.Append("hot", 5);
        sut.Append("tiny");
        sut.Limits.IsOverRate = labels => labels.Contains("hot", StringComparison.Ordinal);

        DeliveryOutcome outcome = await sut.DeliverAsync();

        Assert.Equal((hot, false), (Assert.Single(outcome.Refusals).Stream, outcome.Refusals[0].IsUnconfirmed));
        Assert.Single(sut.Loki.Requests);
        Assert.Equal(sut.Appended("small"), sut.Stored("small"));
        Assert.Equal(sut.Appended("tiny"), sut.Stored("tiny"));
        Assert.Empty(sut.Stored("hot"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deliver_NewStreamsBeyondTheLimit_RefusesThem(bool canAsk)
    {
        using var sut = new SenderFixture(new LokiLimits { MaxStreams = 3 });
        sut.Loki.OnQuery = () => canAsk ? null : new QueryAnswer(QueryOutcome.Impossible);
        for (int i = 0; i < 5; i++)
        {
            sut.Append($"pod-{i}");
        }

        DeliveryOutcome outcome = await sut.DeliverAsync();

        int stored = Enumerable.Range(0, 5).Sum(i => sut.Stored($"pod-{i}").Count());
        Assert.Equal(3, stored);
        Assert.Equal(canAsk ? 2 : 5, outcome.Refusals.Count);
    }

    /// <summary>An error about another client's stream says nothing about the agent's own streams.</summary>
    [Fact]
    public async Task Deliver_ErrorNamesAnUnknownStream_Resends()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 5);
        sut.Loki.Script.Enqueue(_ => LokiAnswers.Read(400, "reason: 'entry too far behind',\nuser 'fake', total ignored: 1 out of 1 for stream: {case=\"other\"}"));

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    /// <summary>
    /// Requests with several streams get such errors, and each stream is accepted afterwards: these are not three consecutive errors of one stream.
    /// </summary>
    [Fact]
    public async Task Deliver_ErrorsSometimesNameAnUnknownStream_DropsNothing()
    {
        using var sut = new SenderFixture();
        string[] pods = ["a", "b", "c", "d", "e", "f", "g", "h"];
        Dictionary<string, LogStream> streams = pods.ToDictionary(pod => pod, pod => sut.Append(pod, 5));
        int push = 0;
        sut.Loki.OnPush = _ => ++push % 2 == 0 ? null : LokiAnswers.Read(400, "reason: 'entry too far behind',\nuser 'fake', total ignored: 5 out of 5 for stream: {case=\"other\"}");

        DeliveryOutcome outcome = await sut.DeliverAsync();

        // Some streams are refused, to be sent with the next batch.
        Assert.All(pods, pod => Assert.Equal(outcome.Refusals.Any(refusal => refusal.Stream == streams[pod]) ? [] : sut.Appended(pod), sut.Stored(pod)));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    /// <summary>Loki repeats the error, and only one of the agent's streams can be meant.</summary>
    [Fact]
    public async Task Deliver_ErrorMisspellsTheStream_SendsTheOthersSoon()
    {
        using var sut = new SenderFixture();
        LogStream hot = sut.Append("hot", 5);
        sut.Append("other", 2);
        sut.Loki.OnPush = request => request.Streams.Any(stream => stream.Labels.Contains("hot", StringComparison.Ordinal))
            ? LokiAnswers.Read(429, "Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{cluster=\"c\", node=\"n\", pod=\"H0T\"}' totaling 1B, consider")
            : null;

        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(hot, Assert.Single(outcome.Refusals).Stream);
        Assert.Equal(sut.Appended("other"), sut.Stored("other"));
    }

    /// <summary>Five seconds after the start, unconfirmed records of a previous run have either arrived or never will.</summary>
    [Fact]
    public async Task Deliver_UnconfirmedFromBefore_WaitsOnce()
    {
        using var sut = new SenderFixture();
        long startedAt = sut.Time.GetTimestamp();
        for (int i = 0; i < 20; i++)
        {
            sut.Append("a", 5, isUnconfirmed: true);
            await sut.DeliverAsync();
            sut.Batch.Clear();
        }

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.InRange(sut.Time.GetElapsedTime(startedAt), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Deliver_LokiCannotParseLabels_DropsOnlyTheirStream()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 2);
        sut.Append("bad", 2);
        sut.Append("c", 2);
        Script(sut, 10, request => request.Streams.Any(stream => stream.Labels.Contains("bad", StringComparison.Ordinal))
            ? LokiAnswers.Read(400, "couldn't parse labels: 1:32: parse error: unexpected character inside braces: '.'")
            : null);

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(sut.Appended("c"), sut.Stored("c"));
        Assert.Equal(2, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    /// <summary>The request is known to be too large before any of it is sent.</summary>
    [Fact]
    public async Task Deliver_LargerThanLokiAccepts_SplitsAtOnce()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 200);
        sut.Sut.MaxRequestBytes = 1000;

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(0, sut.Loki.QueryCount);
        Assert.All(sut.Loki.Requests, request => Assert.InRange(request.CalculateSize(), 0, 1200));
    }

    [Theory]
    [InlineData(413, "request body too large: message size too large than max (10002714 vs 8000000)")]
    [InlineData(500, "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5002633 vs. 4194304)")]
    public async Task Deliver_TooLarge_Splits(int status, string body)
    {
        using var sut = new SenderFixture();
        sut.Append("a", 20);
        sut.Append("b", 20);
        Script(sut, 100, request => request.Streams.Sum(stream => stream.Entries.Count) > 6 ? LokiAnswers.Read(status, body) : null);

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(sut.Appended("b"), sut.Stored("b"));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    [Fact]
    public async Task Deliver_LokiFailsOnOneRecord_SendsTheOtherStreams()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 7);
        LogStream b = sut.Append("b", 9);
        string poison = sut.Appended("b").ElementAt(4);
        sut.Loki.OnPush = request => request.Streams.SelectMany(stream => stream.Entries).Any(entry => entry.Line == poison) ? Broken : null;

        // Another lane's pushes are accepted.
        using var timer = sut.Time.CreateTimer(_ => sut.Sut.CountStored(0, 0), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        DeliveryOutcome outcome = await sut.DeliverAsync(TimeSpan.FromSeconds(8));

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal((b, true), (Assert.Single(outcome.Refusals).Stream, outcome.Refusals[0].IsUnconfirmed));
    }

    [Fact]
    public async Task Deliver_LokiFailsForLong_DropsNothing()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 7);
        DateTimeOffset end = sut.Time.GetUtcNow() + TimeSpan.FromHours(1);
        Script(sut, 10_000, _ => sut.Time.GetUtcNow() < end ? Broken : null);

        DeliveryOutcome outcome = await sut.DeliverAsync();

        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.True(outcome.Refusals.Count == 1 || sut.Stored("a").SequenceEqual(sut.Appended("a")));
    }

    [Fact]
    public async Task Deliver_TenantIsRateLimited_WaitsAndSendsSmallerRequests()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 2000);
        Script(sut, 4, _ => LokiAnswers.Read(429, "ingestion rate limit exceeded for user fake (limit: 1 bytes/sec) while attempting to ingest '1' lines totaling '1' bytes"));

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(0, sut.Loki.QueryCount);
        Assert.True(sut.Loki.Requests[^1].CalculateSize() < sut.Loki.Requests[0].CalculateSize());
    }

    /// <summary>Loki may answer a query when the record is read again.</summary>
    [Fact]
    public async Task Deliver_ResentWithoutQueryAndThenRefused_RefusesTheStreamAsUnconfirmed()
    {
        using var sut = new SenderFixture();
        sut.Append("a", 3);
        sut.Loki.OnQuery = () => new QueryAnswer(QueryOutcome.Impossible, "403 no");
        sut.Loki.Script.Enqueue(_ => LokiAnswers.Read(503, ""));
        sut.Limits.IsOverRate = _ => true;

        DeliveryOutcome outcome = await sut.DeliverAsync();

        Assert.True(Assert.Single(outcome.Refusals).IsUnconfirmed);
    }

    [Fact]
    public async Task Deliver_SomeEntriesRefused_CountsTheRequestsBytesAsSent()
    {
        using var sut = new SenderFixture(new LokiLimits { MaxLineBytes = 3 });
        sut.Append("a", 2);
        sut.Limits.MaxLineBytes = 3;

        await sut.DeliverAsync();

        Assert.True(sut.Metrics.SentBytes.Get() > 0);
        Assert.Equal(sut.Appended("a").Count(line => line.Length > 3), sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
    }

    [Fact]
    public async Task Deliver_RetryLimit_CountsOnlyFailures()
    {
        using var sut = new SenderFixture(configure: options => options.Retry.Limit = 2);
        sut.Append("a", 3);
        foreach (int status in (int[])[401, 401, 401, 503, 503, 503])
        {
            sut.Loki.Script.Enqueue(_ => LokiAnswers.Read(status, "no"));
        }

        await sut.DeliverAsync();

        Assert.Equal(3, sut.Metrics.DroppedRecords.Get(DropReasons.RetryLimit));
        Assert.Contains(sut.Log.Messages, message => message.Contains("401 no. Check loki.tenant", StringComparison.Ordinal));
    }

    private static PushAnswer Lose(SenderFixture sut, PushRequest request, bool isStored)
    {
        if (isStored)
        {
            sut.Loki.Store(request);
        }

        return new PushAnswer(PushVerdict.Unconfirmed, "error", "connection reset");
    }

    private static PushRequest OnlyFirst(SenderFixture sut)
    {
        PushRequest request = PushBody.Read(Snappier.Snappy.CompressToArray(sut.Batch.Bytes));
        while (request.Streams.Count > 1)
        {
            request.Streams.RemoveAt(1);
        }

        while (request.Streams[0].Entries.Count > 1)
        {
            request.Streams[0].Entries.RemoveAt(1);
        }

        return request;
    }

    private static void Script(SenderFixture sut, int requests, Func<PushRequest, PushAnswer?> answer)
    {
        for (int i = 0; i < requests; i++)
        {
            sut.Loki.Script.Enqueue(answer);
        }
    }
}
