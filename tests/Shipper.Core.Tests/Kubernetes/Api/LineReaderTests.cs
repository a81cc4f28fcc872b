using System.IO.Pipelines;
using System.Text;
using Shipper.Kubernetes.Api;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes.Api;

public class LineReaderTests
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
    public async Task MoveNext_RecordedWatchInPieces_GivesItsLines(string recording)
    {
        byte[] body = ApiRecording.Read(recording).Body.ToArray();
        string[] expected = [.. Recorded.Lines(recording)];
        foreach (int size in (int[])[7, 1000, 4096, 65537, int.MaxValue])
        {
            Assert.Equal(expected, await ReadLinesAsync(PieceStream.Cut(body, size)));
        }
    }

    [Fact]
    public async Task MoveNext_SplitAtAnyByte_GivesTheSameLines()
    {
        byte[] body = ApiRecording.Read("watch-namespaces-metadata.jsonl").Body.ToArray();
        string[] expected = [.. Recorded.Lines("watch-namespaces-metadata.jsonl")];
        for (int at = 0; at <= body.Length; at++)
        {
            Assert.Equal(expected, await ReadLinesAsync([body[..at], body[at..]]));
        }
    }

    [Fact]
    public async Task MoveNext_LongLinesInPieces_SkipsThem()
    {
        byte[] body = Encoding.UTF8.GetBytes($"one\n{new string('x', 50)}\ntwo\n{new string('y', 500)}\n\nthree\ncut off");
        for (int size = 1; size < body.Length; size++)
        {
            Assert.Equal(["one", "two", "", "three"], await ReadLinesAsync(PieceStream.Cut(body, size), maxLineBytes: 20, expectTooLong: size < 20 ? 2 : null));
        }
    }

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
        Assert.True(expectTooLong is null || sut.TooLongCount == expectTooLong);
        return lines;
    }
}
