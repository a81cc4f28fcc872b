extern alias program;
using System.Text;
using System.Text.Json;
using program::Shipper.Http;
using Shipper.Taps;

namespace Shipper.Core.Tests.Taps;

public class TapEventsTests
{
    private const string KeepAlive = ": keep-alive\n\n";

    private readonly TapFixture _fixture = new();

    [Fact]
    public async Task WriteAsync_Record_IsOneEventWithNanoseconds()
    {
        Tap tap = _fixture.Open();
        _fixture.Process("level=info 日本 \"<a>\"\n\u0001");
        tap.Dispose();

        string text = await WriteAsync(tap);

        const string Start = ": keep-alive\n\nevent: record\ndata: ";
        Assert.StartsWith(Start, text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
        string data = text[Start.Length..^2];
        Assert.DoesNotContain('\n', data);
        Assert.Contains("日本", data, StringComparison.Ordinal);
        JsonElement record = JsonDocument.Parse(data).RootElement;
        Assert.Equal("2026-01-01T00:00:00.000000000Z", record.GetProperty("time").GetString());
        Assert.Equal("processed", record.GetProperty("stage").GetString());
        Assert.Equal("level=info 日本 \"<a>\"\n\u0001", record.GetProperty("line").GetString());
        Assert.Equal("shop", record.GetProperty("labels").GetProperty("namespace").GetString());
        Assert.Equal("info", record.GetProperty("metadata").GetProperty("detected_level").GetString());
        Assert.Equal(JsonValueKind.Null, record.GetProperty("rule").ValueKind);
        Assert.Equal("""[{"stage":"level","metadata":{"detected_level":"info"}}]""", record.GetProperty("changes").GetRawText());
    }

    [Theory]
    [InlineData(1_764_596_400_123_456_789, "2025-12-01T13:40:00.123456789Z")]
    [InlineData(-1, "1969-12-31T23:59:59.999999999Z")]
    [InlineData(long.MaxValue, "2262-04-11T23:47:16.854775807Z")]
    [InlineData(long.MinValue, "1677-09-21T00:12:43.145224192Z")]
    public void WriteRecord_AnyTime_HasNanoseconds(long timestampNs, string expected)
    {
        var target = new System.Buffers.ArrayBufferWriter<byte>();
        TapEvents.WriteRecord(target, new TapRecord
        {
            TimestampNs = timestampNs,
            Stage = TapStage.Read,
            Labels = new Dictionary<string, string>(),
            Metadata = [],
            Line = [],
            LineBytes = 0,
        });

        Assert.Contains($"\"time\":\"{expected}\",\"stage\":\"read\"", Encoding.UTF8.GetString(target.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_SkippedRecords_AreReported()
    {
        Tap tap = _fixture.Open();
        _fixture.Process([.. Enumerable.Repeat("a", Tap.MaxRecordsPerSecond + 5)]);
        tap.Dispose();

        string text = await WriteAsync(tap);

        Assert.EndsWith("event: skipped\ndata: {\"records\":5}\n\n", text, StringComparison.Ordinal);
        Assert.Equal(Tap.MaxRecordsPerSecond, text.Split("event: record").Length - 1);
    }

    [Fact]
    public async Task WriteAsync_Quiet_KeepsTheConnectionAlive()
    {
        Tap tap = _fixture.Open();
        using var body = new MemoryStream();
        Task writing = new TapEvents(_fixture.Time).WriteAsync(tap, body, TestContext.Current.CancellationToken);
        while (body.Length < 2 * KeepAlive.Length)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(_fixture.Time.GetUtcNow() - _fixture.Time.Start >= TimeSpan.FromSeconds(15));
        tap.Dispose();
        await FinishAsync(writing);
        Assert.Equal(KeepAlive + KeepAlive, Encoding.UTF8.GetString(body.ToArray()));
    }

    [Fact]
    public async Task WriteAsync_ClientHasGone_Ends()
    {
        Tap tap = _fixture.Open();
        using var gone = new CancellationTokenSource();
        using var body = new MemoryStream();
        Task writing = new TapEvents(_fixture.Time).WriteAsync(tap, body, gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    private async Task<string> WriteAsync(Tap tap)
    {
        using var body = new MemoryStream();
        Task writing = new TapEvents(_fixture.Time).WriteAsync(tap, body, TestContext.Current.CancellationToken);
        await FinishAsync(writing);
        return Encoding.UTF8.GetString(body.ToArray());
    }

    /// <summary>Lets the time pass until a task ends.</summary>
    private async Task FinishAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await task;
    }
}
