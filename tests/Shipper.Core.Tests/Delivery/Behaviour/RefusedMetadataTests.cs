using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Telemetry;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Delivery.Behaviour;

/// <summary>A Loki that accepts no structured metadata still gets every line.</summary>
public class RefusedMetadataTests
{
    [Theory]
    [InlineData("2.9.17")]
    [InlineData("3.0.0")]
    [InlineData("3.5.5")]
    [InlineData("3.7.6")]
    public async Task Deliver_MetadataNotAllowed_SendsWithoutItAndWarnsOnce(string release)
    {
        using var sut = new SenderFixture(new LokiLimits { Release = new Version(release), AllowsMetadata = false });
        for (int i = 0; i < 3; i++)
        {
            sut.Append("a", 5, output: "stdout");
            sut.Append("b", 3, output: "stderr");
            sut.Append("plain", 2);
            await sut.DeliverAsync();
            sut.Batch.Clear();
            sut.Batch.OmitsMetadata = sut.Sut.Metadata.IsOmitted;
        }

        foreach (string pod in (string[])["a", "b", "plain"])
        {
            Assert.Equal(sut.Appended(pod), sut.Stored(pod));
        }

        Assert.Equal(4, sut.Loki.Requests.Count);
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.Single(sut.Log.Messages, message => message.Contains("does not allow structured metadata", StringComparison.Ordinal) && message.Contains("allow_structured_metadata", StringComparison.Ordinal));
    }

    /// <summary>The batch was encoded before another lane learned of the refusal.</summary>
    [Fact]
    public async Task Deliver_BatchEncodedWithRefusedMetadata_SendsWithoutIt()
    {
        using var sut = new SenderFixture(new LokiLimits { AllowsMetadata = false });
        sut.Append("a", 5, output: "stdout");
        await sut.DeliverAsync();
        sut.Batch.Clear();
        sut.Append("a", 5, output: "stdout");

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(3, sut.Loki.Requests.Count);
        Assert.Empty(sut.Loki.Requests[2].Streams.SelectMany(stream => stream.Entries).SelectMany(entry => entry.StructuredMetadata));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deliver_TenMinutesAfterRefusal_TriesMetadataWithOneRecord(bool isAllowed)
    {
        var limits = new LokiLimits { AllowsMetadata = false };
        using var sut = new SenderFixture(limits);
        sut.Append("a", 5, output: "stdout");
        await sut.DeliverAsync();
        sut.Batch.Clear();
        Assert.True(sut.Sut.Metadata.IsOmitted);
        sut.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.False(sut.Sut.Metadata.IsOmitted);
        limits.AllowsMetadata = isAllowed;
        sut.Loki.Requests.Clear();
        sut.Append("a", 500, output: "stdout");

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal((2, 1), (sut.Loki.Requests.Count, EntriesOf(sut.Loki.Requests[0]).Count));
        Assert.Equal(isAllowed, EntriesOf(sut.Loki.Requests[1]).TrueForAll(entry => entry.StructuredMetadata.Count == 1));
        Assert.Equal(!isAllowed, sut.Sut.Metadata.IsOmitted);
        Assert.Equal(isAllowed, sut.Log.Messages.Any(message => message.Contains("allows structured metadata again", StringComparison.Ordinal)));
    }

    /// <summary>A response that does not mention metadata proves nothing.</summary>
    [Fact]
    public async Task Deliver_TrialFailsForAnotherReason_KeepsOmittingMetadata()
    {
        using var sut = new SenderFixture(new LokiLimits { AllowsMetadata = false });
        sut.Append("a", 5, output: "stdout");
        await sut.DeliverAsync();
        sut.Batch.Clear();
        sut.Time.Advance(TimeSpan.FromMinutes(11));
        sut.Append("a", 5, output: "stdout");
        sut.Loki.Script.Enqueue(_ => LokiAnswers.Read(503, "away"));

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.True(sut.Sut.Metadata.IsRefused);
    }

    [Fact]
    public void IsOmitted_MetadataSwitchedOff_StaysTrue()
    {
        using var sut = new SenderFixture(configure: options => options.StructuredMetadata = StructuredMetadata.Off);

        Assert.True(sut.Sut.Metadata.IsOmitted);
        sut.Time.Advance(TimeSpan.FromDays(1));
        Assert.True(sut.Sut.Metadata.IsOmitted);
    }

    /// <summary>A line is worth more than its metadata: only records with too much metadata lose it.</summary>
    [Theory]
    [InlineData(10, 128, "2.9.17")]
    [InlineData(10, 128, "3.7.6")]
    [InlineData(65_536, 0, "3.7.6")]
    public async Task Deliver_TooMuchMetadata_SendsOnlyThoseRecordsWithoutIt(int maxBytes, int maxCount, string release)
    {
        using var sut = new SenderFixture(new LokiLimits { Release = new Version(release), MaxMetadataBytes = maxBytes, MaxMetadataCount = maxCount });
        sut.Append("a", 2, output: "x");
        sut.Append("a", 3, output: "stdout");
        sut.Append("plain", 2);

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a").Order(), sut.Stored("a").Order());
        Assert.Equal(sut.Appended("plain"), sut.Stored("plain"));
        Assert.Equal(maxCount == 0 ? 0 : 2, sut.Entries("a").Count(entry => entry.Metadata.Length > 0));
        Assert.Equal(0, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.False(sut.Sut.Metadata.IsRefused);
    }

    /// <summary>Loki refuses both the times and the metadata that would preserve the original times.</summary>
    [Fact]
    public async Task Deliver_TimesAndMetadataRefused_SendsAllLines()
    {
        using var sut = new SenderFixture(new LokiLimits { AllowsMetadata = false });
        sut.LokiTime.Ahead = -TimeSpan.FromMinutes(20);
        sut.Append("a", 5, output: "stdout");

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.InRange(sut.Loki.Requests.Count, 2, 3);
    }

    /// <summary>The response was lost: the stored records are found, regardless of their metadata.</summary>
    [Fact]
    public async Task Deliver_ResponseLostAfterOmittingMetadata_FindsTheRecords()
    {
        using var sut = new SenderFixture(new LokiLimits { AllowsMetadata = false });
        sut.Append("a", 5, output: "stdout");
        sut.Loki.Script.Enqueue(static _ => null);
        sut.Loki.Script.Enqueue(request =>
        {
            sut.Loki.Store(request);
            return new PushAnswer(PushVerdict.Unconfirmed, "timeout");
        });

        await sut.DeliverAsync();

        Assert.Equal(sut.Appended("a"), sut.Stored("a"));
        Assert.Equal(2, sut.Loki.Requests.Count);
    }

    private static List<EntryAdapter> EntriesOf(PushRequest request) => [.. request.Streams.SelectMany(stream => stream.Entries)];
}
