using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Shipper.Protocol;
using Shipper.Testing.Loki;
using Snappier;

namespace Shipper.Core.Tests.Doubles;

/// <summary>The double as seen by a client: queries page by page, and faults.</summary>
public sealed class LokiDoubleHttpTests : IAsyncLifetime
{
    private static readonly long Now = (TimeProvider.System.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond * 1_000_000_000;

    private readonly HttpClient _http = new();
    private LokiDouble _sut = null!;

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _sut = await LokiDouble.StartAsync();

    public ValueTask DisposeAsync()
    {
        _sut.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task QueryRange_Limit_ReturnsTheFirstEntriesOfAllStreams()
    {
        await PushAsync([.. Enumerable.Range(0, 10).Select(i => ($"{{pod=\"p{i % 2}\"}}", Now - 100 + i, $"line {i}"))]);

        JsonElement page = await QueryAsync("{pod=~\"p.\"}", Now - 100, Now, "limit=3&direction=forward");

        Assert.Equal(["p0: line 0, line 2", "p1: line 1"], Show(page));

        // The start is inclusive, the end exclusive.
        Assert.Equal(["p0: line 4", "p1: line 3"], Show(await QueryAsync("{pod=~\"p.\"}", Now - 97, Now - 95, "limit=3&direction=forward")));
    }

    [Fact]
    public async Task QueryRange_NoDirection_ReturnsTheNewestFirst()
    {
        await PushAsync([.. Enumerable.Range(0, 10).Select(i => ($"{{pod=\"p{i % 2}\"}}", Now - 100 + i, $"line {i}"))]);

        Assert.Equal(["p0: line 8", "p1: line 9, line 7"], Show(await QueryAsync("{pod=~\"p.\"}", Now - 100, Now, "limit=3")));
    }

    [Theory]
    [InlineData("{pod=\"a\"}", "a")]
    [InlineData("{pod!=\"a\", job=\"x\"}", "b")]
    [InlineData("{pod=~\"a|b\", pod!=\"b\"}", "a")]
    [InlineData("{job=~\".+\"}", "a,b")]
    [InlineData("{service_name=\"x\"}", "a,b")]
    [InlineData("{stream=\"stdout\"}", "")]
    public async Task QueryRange_Matchers_SelectByStreamLabels(string selector, string pods)
    {
        await PushAsync([("{pod=\"a\", job=\"x\"}", Now, "1"), ("{pod=\"b\", job=\"x\"}", Now, "2")], ("stream", "stdout"));

        JsonElement page = await QueryAsync(selector, Now, Now + 1, "");

        Assert.Equal(pods, string.Join(',', page.EnumerateArray().Select(stream => stream.GetProperty("stream").GetProperty("pod").GetString())));
        Assert.All(page.EnumerateArray(), stream => Assert.Equal("stdout", stream.GetProperty("stream").GetProperty("stream").GetString()));
    }

    [Theory]
    [InlineData("{pod=\"a\"}", "limit=5001", "max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)\n")]
    [InlineData("{pod!=\"a\"}", "", "parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will\n")]
    [InlineData("{pod=\"a\"}", "limit=0", "limit must be a positive value\n")]
    public async Task QueryRange_InvalidParameters_ReturnsLokisError(string selector, string more, string message)
    {
        using HttpResponseMessage response = await _http.GetAsync(QueryUri(selector, Now, Now + 1, more), Stopping);

        Assert.Equal((HttpStatusCode.BadRequest, message), (response.StatusCode, await response.Content.ReadAsStringAsync(Stopping)));
    }

    [Fact]
    public async Task QueryRange_ScriptedFaults_AreReturnedAndQueriesRecorded()
    {
        _sut.QueryScript.Enqueue(LokiDouble.Answer(403, "no\n"));
        _sut.QueryScript.Enqueue(LokiFaults.Reset());
        using var request = new HttpRequestMessage(HttpMethod.Get, QueryUri("{pod=\"a\"}", Now, Now + 1, "limit=7"));
        request.Headers.Add("Cache-Control", "no-cache");
        using HttpResponseMessage response = await _http.SendAsync(request, Stopping);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetAsync(QueryUri("{pod=\"a\"}", Now, Now + 1, ""), Stopping));
        Assert.Empty((await QueryAsync("{pod=\"a\"}", Now, Now + 1, "")).EnumerateArray());
        LokiQuery first = _sut.Queries.First();
        Assert.Equal(("7", "no-cache"), (first.Parameters["limit"], first.Headers["Cache-Control"]));
        Assert.Equal(3, _sut.Queries.Count);
    }

    [Fact]
    public async Task QueryRange_LokiIsDown_Fails()
    {
        _sut.IsUnavailable = true;
        using HttpResponseMessage response = await _http.GetAsync(QueryUri("{pod=\"a\"}", Now, Now + 1, ""), Stopping);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Stop_UntilStartedAgain_RefusesConnections()
    {
        await PushAsync([("{pod=\"a\"}", Now, "1")]);
        Uri address = _sut.Address;
        await _sut.StopAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => PushAsync([("{pod=\"a\"}", Now, "2")]));
        await _sut.RestartAsync();

        Assert.Equal(address, _sut.Address);
        Assert.Equal(HttpStatusCode.NoContent, await PushAsync([("{pod=\"a\"}", Now, "2")]));
        Assert.Equal(2, _sut.Count());
    }

    public static TheoryData<string, int> Resets() => new() { { "before", 0 }, { "within", 0 }, { "after the body", 0 }, { "stored", 1 }, { "within the answer", 0 } };

    [Theory]
    [MemberData(nameof(Resets))]
    public async Task Push_ConnectionIsReset_GetsNoResponse(string moment, int stored)
    {
        Func<HttpContext, Task<bool>> fault = moment switch
        {
            "before" => LokiFaults.Reset(),
            "within" => LokiFaults.ResetWithin(1000),
            "after the body" => LokiFaults.ResetAfterBody(),
            "stored" => LokiFaults.StoreAndReset(_sut),
            _ => LokiFaults.ResetWithinAnswer("{"),
        };
        _sut.NextFault = () => fault;

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => PushAsync([("{pod=\"a\"}", Now, string.Concat(Enumerable.Range(0, 50_000)))]));
        Assert.Equal(stored, _sut.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Push_ClientGivesUpBeforeTheResponse_IsStored(bool first)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using LokiDouble sut = await LokiDouble.StartAsync(time: time);
        var delay = TimeSpan.FromSeconds(1);
        var taken = new TaskCompletionSource();
        Func<HttpContext, Task<bool>> late = first ? LokiFaults.StoreThenWait(sut, delay) : LokiFaults.WaitThenStore(sut, delay);
        sut.Script.Enqueue(context =>
        {
            Task<bool> answer = late(context);
            taken.SetResult();
            return answer;
        });
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
        Task push = PushAsync([("{pod=\"a\"}", Now, "1")], address: sut.Address, patience: patience.Token);
        await taken.Task.WaitAsync(Stopping);
        while (first && sut.Count() == 0)
        {
            await Task.Yield();
        }

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => push);
        Assert.Equal(first ? 1 : 0, sut.Count());
        while (sut.Count() == 0)
        {
            // The delay may not have begun yet.
            time.Advance(delay);
            await Task.Yield();
        }
    }

    [Theory]
    [InlineData(502, 0)]
    [InlineData(504, 1)]
    public async Task Push_GatewayFault_GetsTheGatewaysStatus(int status, int stored)
    {
        _sut.Script.Enqueue(LokiFaults.Gateway(status, stored == 1 ? _sut : null));

        Assert.Equal(status, (int)await PushAsync([("{pod=\"a\"}", Now, "1")]));
        Assert.Equal(stored, _sut.Count());
    }

    private static List<string> Show(JsonElement result) =>
    [
        .. result.EnumerateArray().Select(stream =>
            $"{stream.GetProperty("stream").GetProperty("pod").GetString()}: {string.Join(", ", stream.GetProperty("values").EnumerateArray().Select(value => value[1].GetString()))}"),
    ];

    private Uri QueryUri(string selector, long start, long end, string more) => new(_sut.Address, string.Create(
        CultureInfo.InvariantCulture, $"/loki/api/v1/query_range?query={Uri.EscapeDataString(selector)}&start={start}&end={end}&{more}"));

    private async Task<JsonElement> QueryAsync(string selector, long start, long end, string more)
    {
        using JsonDocument answer = JsonDocument.Parse(await _http.GetStringAsync(QueryUri(selector, start, end, more), Stopping));
        return answer.RootElement.GetProperty("data").GetProperty("result").Clone();
    }

    private async Task<HttpStatusCode> PushAsync((string Labels, long TimestampNs, string Line)[] entries, (string Name, string Value)? metadata = null, Uri? address = null, CancellationToken? patience = null)
    {
        var request = new PushRequest();
        foreach ((string labels, long timestampNs, string line) in entries)
        {
            var entry = new EntryAdapter
            {
                Timestamp = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = timestampNs / 1_000_000_000, Nanos = (int)(timestampNs % 1_000_000_000) },
                Line = line,
            };
            if (metadata is { } pair)
            {
                entry.StructuredMetadata.Add(new LabelPairAdapter { Name = pair.Name, Value = pair.Value });
            }

            request.Streams.Add(new StreamAdapter { Labels = labels, Entries = { entry } });
        }

        using var content = new ByteArrayContent(Snappy.CompressToArray(Google.Protobuf.MessageExtensions.ToByteArray(request)));
        content.Headers.ContentType = new("application/x-protobuf");
        using HttpResponseMessage response = await _http.PostAsync(new Uri(address ?? _sut.Address, "/loki/api/v1/push"), content, patience ?? Stopping);
        return response.StatusCode;
    }
}
