using Shipper.Loki;
using Shipper.Records;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Loki;

/// <summary>Queries, and probes whether pushes are accepted.</summary>
public class PushClientQueryTests : PushClientFixture
{
    /// <summary>A single foreign response may come from a gateway with a temporary problem; other failures are permanent.</summary>
    [Theory]
    [InlineData(200, "<html><body>Welcome</body></html>", "Unreadable")]
    [InlineData(200, "", "Unreadable")]
    [InlineData(200, "{\"status\":\"success\"}", "Unreadable")]
    [InlineData(200, "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[{\"stream\":{\"a\":\"b\"},\"values\":[[\"1\",\"x", "Unreadable")]
    [InlineData(204, "", "Impossible")]
    [InlineData(302, "", "Impossible")]
    [InlineData(401, "no org id", "Impossible")]
    [InlineData(403, "no", "Impossible")]
    [InlineData(404, "404 page not found", "Impossible")]
    [InlineData(405, "", "Impossible")]
    [InlineData(501, "Unsupported method ('GET')", "Impossible")]
    [InlineData(408, "", "Failed")]
    [InlineData(429, "too many outstanding requests", "Failed")]
    [InlineData(500, "empty ring", "Failed")]
    [InlineData(502, "<html></html>", "Failed")]
    [InlineData(503, "", "Failed")]
    [InlineData(504, "", "Failed")]
    public async Task AskNewestAsync_FailedQuery_ReturnsTheOutcome(int status, string body, string expected)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        loki.NextQueryFault = () => LokiFaults.Answer(status, body);
        using PushClient sut = Create(loki);

        QueryAnswer answer = await sut.AskNewestAsync("{pod=\"p\"}", 0, 1, Stopping);

        Assert.Equal(expected, answer.Outcome.ToString());
    }

    [Fact]
    public async Task AskNewestAsync_ResponseBreaksOff_ReturnsFailed()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        loki.NextQueryFault = () => LokiFaults.ResetWithinAnswer("{\"status\":\"success\",\"data\":{");
        using PushClient sut = Create(loki);

        QueryAnswer answer = await sut.AskNewestAsync("{pod=\"p\"}", 0, 1, Stopping);

        Assert.Equal(QueryOutcome.Failed, answer.Outcome);
    }

    [Fact]
    public async Task AskNewestAsync_SomeEntries_ReturnsTheNewestTimeInTheRange()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki);
        long before = TimeProvider.System.GetUnixNanoseconds() - 1_000_000;
        await sut.PushAsync(Body("a", "b"), Stopping);
        long newest = loki.GetStoredStreams()["{pod=\"p\"}"].Max(entry => entry.TimestampNs);

        QueryAnswer all = await sut.AskNewestAsync("{pod=\"p\"}", before, newest + 1000, Stopping);
        QueryAnswer older = await sut.AskNewestAsync("{pod=\"p\"}", before, newest - 1, Stopping);
        QueryAnswer newer = await sut.AskNewestAsync("{pod=\"p\"}", newest + 1, newest + 1000, Stopping);

        Assert.Equal((newest, newest - 1, null), (all.NewestNs, older.NewestNs, newer.NewestNs));
        Assert.All(loki.Queries, query => Assert.Equal(("1", "backward"), (query.Parameters["limit"], query.Parameters["direction"])));
    }

    /// <summary>A probe must not appear as a refusal in the metrics.</summary>
    [Fact]
    public async Task ProbeAsync_LokiAcceptsPushes_StoresAndCountsNothing()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki);

        PushAnswer answer = await sut.ProbeAsync(Stopping);

        Assert.True(answer.AcceptsPushes);
        Assert.Equal(0, loki.Count());
        Assert.Equal(0, Metrics.PushRequests.Get("422"));
    }

    [Theory]
    [InlineData(503, false)]
    [InlineData(502, false)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(204, true)]
    [InlineData(400, true)]
    [InlineData(429, true)]
    public async Task ProbeAsync_Response_SaysWhetherPushesAreAccepted(int status, bool expected)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        loki.NextFault = () => LokiFaults.Answer(status, "");
        using PushClient sut = Create(loki);

        Assert.Equal(expected, (await sut.ProbeAsync(Stopping)).AcceptsPushes);
        Assert.Equal(expected ? 0 : 1, Metrics.PushRequests.Get(status.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }
}
