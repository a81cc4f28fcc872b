using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Shipper.Kubernetes.Api;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes.Api;

public class ListReaderTests
{
    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_SplitAtAnyByte_GivesTheSameItems()
    {
        byte[] body = Encoding.UTF8.GetBytes(
            """ {"kind":"PodList","items":[{"a":[1,{"b":"]}"}]},null,7,[],"x"],"other":{"items":[1]},"metadata":{"x":{"y":1},"resourceVersion":"964"},"more":[1,2]} """);
        for (int at = 0; at <= body.Length; at++)
        {
            Assert.Equal(("964", 5), await ReadListAsync([body[..at], body[at..]]));
        }

        Assert.Equal(("964", 5), await ReadListAsync(PieceStream.Cut(body, 1)));
    }

    [Fact]
    public async Task Read_RecordedLists_GivesTheirItems()
    {
        Assert.Equal(("964", 16), await ReadListAsync(PieceStream.Cut(ApiRecording.Read("pods-list-node").Body.ToArray(), 1000)));
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
    public async Task Read_InvalidList_Throws(string body) =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadListAsync([Encoding.UTF8.GetBytes(body)]));

    [Fact]
    public async Task Read_ItemTooLong_SkipsOnlyThatItem()
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
                Assert.Equal(("7", 2), await ReadListAsync(PieceStream.Cut(body, size), maxItemBytes: 1000));
            }
        }
    }

    [Fact]
    public async Task Read_MetadataTooLong_Throws() =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadListAsync(PieceStream.Cut(Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"x\":\"{new string('x', 3000)}\"}},\"items\":[]}}"), 100), maxItemBytes: 1000));

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
