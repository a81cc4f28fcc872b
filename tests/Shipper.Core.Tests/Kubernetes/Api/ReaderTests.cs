using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Shipper.Kubernetes.Api;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes.Api;

public class ReaderTests
{
    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("watch-pods-node.jsonl")]
    [InlineData("watch-pods-deletion.jsonl")]
    [InlineData("watch-pods-resourceVersion0.jsonl")]
    [InlineData("watch-pods-sendInitialEvents.jsonl")]
    [InlineData("watch-namespaces-metadata.jsonl")]
    [InlineData("watch-server-shutdown.jsonl")]
    [InlineData("watch-410-old-resource-version.jsonl")]
    [InlineData("watch-pods-no-bookmarks-idle.jsonl")]
    public async Task LineReader_RecordedWatchInPieces_GivesItsLines(string recording)
    {
        byte[] body = ApiRecording.Read(recording).Body.ToArray();
        string[] expected = [.. Recorded.Lines(recording)];
        foreach (int size in (int[])[7, 1000, 4096, 65537, int.MaxValue])
        {
            Assert.Equal(expected, await ReadLinesAsync(Pieces(body, size)));
        }
    }

    [Fact]
    public async Task LineReader_SplitAtAnyByte_GivesTheSameLines()
    {
        byte[] body = ApiRecording.Read("watch-namespaces-metadata.jsonl").Body.ToArray();
        string[] expected = [.. Recorded.Lines("watch-namespaces-metadata.jsonl")];
        for (int at = 0; at <= body.Length; at++)
        {
            Assert.Equal(expected, await ReadLinesAsync([body[..at], body[at..]]));
        }
    }

    [Fact]
    public async Task LineReader_LongLines_AreSkippedHoweverTheyCome()
    {
        byte[] body = Encoding.UTF8.GetBytes($"one\n{new string('x', 50)}\ntwo\n{new string('y', 500)}\n\nthree\ncut off");
        for (int size = 1; size < body.Length; size++)
        {
            Assert.Equal(["one", "two", "", "three"], await ReadLinesAsync(Pieces(body, size), maxLineBytes: 20, expectTooLong: size < 20 ? 2 : null));
        }
    }

    [Fact]
    public async Task ListReader_SplitAtAnyByte_GivesTheSameItems()
    {
        byte[] body = Encoding.UTF8.GetBytes(
            """ {"kind":"PodList","items":[{"a":[1,{"b":"]}"}]},null,7,[],"x"],"other":{"items":[1]},"metadata":{"x":{"y":1},"resourceVersion":"964"},"more":[1,2]} """);
        for (int at = 0; at <= body.Length; at++)
        {
            Assert.Equal(("964", 5), await ReadListAsync([body[..at], body[at..]]));
        }

        Assert.Equal(("964", 5), await ReadListAsync(Pieces(body, 1)));
    }

    [Fact]
    public async Task ListReader_RecordedLists_GiveTheirItems()
    {
        Assert.Equal(("964", 16), await ReadListAsync(Pieces(ApiRecording.Read("pods-list-node").Body.ToArray(), 1000)));
        Assert.Equal(0, (await ReadListAsync([ApiRecording.Read("pods-list-empty").Body.ToArray()])).Items);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"items\":[")]
    [InlineData("{\"items\":[{}]")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{\"items\":[{}}")]
    [InlineData("<html>")]
    public async Task ListReader_NoList_IsAnError(string body) =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadListAsync([Encoding.UTF8.GetBytes(body)]));

    [Fact]
    public async Task ListReader_ItemTooLong_CostsItselfAlone()
    {
        string longItem = $$$"""{"x":"{{{new string('x', 9000)}}}\\\"]}","y":[{"z":"}"}]}""";
        string[] lists =
        [
            $$$"""{"items":[{{{longItem}}},{"a":1},{"b":2}],"metadata":{"resourceVersion":"7"}}""",
            $$$"""{"items":[{"a":1}, {{{longItem}}} ,{{{longItem}}}, {"b":2}],"metadata":{"resourceVersion":"7"}}""",
            $$$"""{"metadata":{"resourceVersion":"7"},"items":[{"a":1},{"b":2},{{{longItem}}}]}""",
            $$$"""{"metadata":{"resourceVersion":"7"},"items":[{"a":1},"{{{new string('x', 9000)}}}",{"b":2}]}""",
        ];
        foreach (byte[] body in lists.Select(Encoding.UTF8.GetBytes))
        {
            foreach (int size in (int[])[1, 7, 100, 1500, 5000])
            {
                Assert.Equal(("7", 2), await ReadListAsync(Pieces(body, size), maxItemBytes: 1000));
            }
        }
    }

    [Fact]
    public async Task ListReader_MetadataTooLong_IsAnError() =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadListAsync(Pieces(Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"x\":\"{new string('x', 3000)}\"}},\"items\":[]}}"), 100), maxItemBytes: 1000));

    [Theory]
    [InlineData("{\"object\":{\"a\":1},\"type\":\"ADDED\"}", true)]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"a\":1},\"x\":[1]}", true)]
    [InlineData("{\"type\":\"ADDED\"}", false)]
    [InlineData("{\"type\":7,\"object\":{}}", false)]
    [InlineData("[]", false)]
    public void WatchLine_AnyOrder_IsTakenApart(string line, bool isValid)
    {
        Assert.Equal(isValid, WatchLine.TryRead(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(line)), out WatchLine read));
        Assert.True(!isValid || (read.Type == "ADDED" && Encoding.UTF8.GetString(read.Object) == "{\"a\":1}"));
    }

    private static List<byte[]> Pieces(byte[] body, int size) => [.. body.Chunk(Math.Max(1, Math.Min(size, Math.Max(1, body.Length))))];

    private static async Task<List<string>> ReadLinesAsync(IReadOnlyList<byte[]> pieces, int maxLineBytes = 1024 * 1024, int? expectTooLong = null)
    {
        PipeReader pipe = PipeReader.Create(new PieceStream(pieces));
        var sut = new LineReader(pipe, maxLineBytes);
        var lines = new List<string>();
        while (await sut.MoveNextAsync(Stopping))
        {
            if (sut.Line.Length <= maxLineBytes)
            {
                lines.Add(Encoding.UTF8.GetString(sut.Line));
            }
        }

        await pipe.CompleteAsync();
        Assert.True(expectTooLong is null || sut.TooLong == expectTooLong);
        return lines;
    }

    private static async Task<(string? Version, int Items)> ReadListAsync(IReadOnlyList<byte[]> pieces, int maxItemBytes = 1024 * 1024)
    {
        PipeReader pipe = PipeReader.Create(new PieceStream(pieces));
        var sut = new ListReader(pipe, maxItemBytes);
        int items = 0;
        try
        {
            await sut.ReadAsync(
                item =>
                {
                    var json = new Utf8JsonReader(item);
                    json.Read();
                    json.Skip();
                    Assert.False(json.Read());
                    items++;
                },
                Stopping);
        }
        finally
        {
            await pipe.CompleteAsync();
        }

        return (sut.ResourceVersion, items);
    }
}
