using Microsoft.Extensions.Time.Testing;
using Shipper.Protocol;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Doubles;

/// <summary>Several ingesters: the response is the first refusal, and says nothing about what the other ingesters did.</summary>
public class LokiIngestersTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly LokiLimits _limits = new() { Ingesters = 3 };
    private readonly LokiStore _sut;
    private readonly string[] _streams;

    public LokiIngestersTests()
    {
        _sut = new LokiStore(_limits, _time);

        // One stream for each ingester.
        _streams = [.. Enumerable.Range(0, 3).Select(ingester => Enumerable.Range(0, 100).Select(i => $"{{pod=\"p{i}\"}}").First(labels => _sut.FindIngester(labels) == ingester))];
    }

    [Fact]
    public void Push_AllIngestersAccept_StoresAll()
    {
        Assert.Equal((204, ""), _sut.Push(Make(_streams), "fake"));
        Assert.Equal(3, _sut.Streams.Sum(stream => stream.Entries.Count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Push_OneIngesterRefuses_ReturnsItsRefusalWhateverTheOrder(int refusing)
    {
        _limits.IsOverRate = labels => Matches(labels, refusing);

        (int status, string body) = _sut.Push(Make(_streams), "fake");

        Assert.Equal(429, status);
        Assert.Contains("total ignored: 1 out of 1 for stream: ", body, StringComparison.Ordinal);
        Assert.Equal(2, _sut.Streams.Sum(stream => stream.Entries.Count));
    }

    [Fact]
    public void Push_OneIngesterRefusesAndOthersAreSlow_OthersStoreTheirPartLater()
    {
        _limits.IsOverRate = labels => Matches(labels, 1);
        _limits.OtherIngestersDelay = TimeSpan.FromSeconds(1);

        Assert.Equal(429, _sut.Push(Make(_streams), "fake").Status);
        Assert.Equal(0, _sut.Streams.Sum(stream => stream.Entries.Count));

        Assert.All(_sut.TakeDelayedWrites(), store => store());
        Assert.Equal(2, _sut.Streams.Sum(stream => stream.Entries.Count));
        Assert.Empty(_sut.TakeDelayedWrites());
    }

    [Fact]
    public void Push_OneIngesterIsDown_StoresAllButItsPart()
    {
        _limits.IsIngesterDown = ingester => ingester == 2;

        Assert.Equal(500, _sut.Push(Make(_streams), "fake").Status);
        Assert.Equal(2, _sut.Streams.Sum(stream => stream.Entries.Count));
        Assert.DoesNotContain(_sut.Streams, stream => Matches(LabelSet.Format(stream.Labels), 2));

        // A request without streams of that ingester is accepted.
        Assert.Equal(204, _sut.Push(Make(_streams[0], _streams[1]), "fake").Status);
    }

    /// <summary>Within one ingester, only the last stream's refusal is returned.</summary>
    [Fact]
    public void Push_RefusedStreamIsNotItsIngestersLast_LosesItSilently()
    {
        string[] ofOne = [.. Enumerable.Range(0, 100).Select(i => $"{{pod=\"p{i}\"}}").Where(labels => _sut.FindIngester(labels) == 0).Take(2)];
        _limits.IsOverRate = labels => labels.Contains(ofOne[0][1..^1], StringComparison.Ordinal);

        Assert.Equal(204, _sut.Push(Make(ofOne[0], _streams[1], ofOne[1]), "fake").Status);
        Assert.Equal(2, _sut.Streams.Sum(stream => stream.Entries.Count));
    }

    private bool Matches(string labels, int ingester) => labels.Contains(_streams[ingester][1..^1], StringComparison.Ordinal);

    private PushRequest Make(params string[] streams)
    {
        var request = new PushRequest();
        request.Streams.AddRange(streams.Select(labels => new StreamAdapter
        {
            Labels = labels,
            Entries = { new EntryAdapter { Timestamp = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = _time.GetUtcNow().ToUnixTimeSeconds() }, Line = "x" } },
        }));
        return request;
    }
}
