using Shipper.Core.Tests.Kubernetes.Api;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes.Api;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// The body of a watch. It has the same effect as its lines one by one, up to the line that ends the watch, however the body is cut into pieces. An invalid
/// event is skipped, and no other.
/// </summary>
internal sealed class WatchTarget : FuzzTarget
{
    private static readonly string[] Recorded =
    [
        "watch-pods-node.jsonl", "watch-pods-deletion.jsonl", "watch-pods-sendInitialEvents.jsonl", "watch-namespaces-metadata.jsonl", "watch-server-shutdown.jsonl",
        "watch-410-old-resource-version.jsonl", "watch-resource-version-too-large.jsonl", "watch-pods-no-bookmarks-idle.jsonl",
    ];

    public override string Name => "watch";

    /// <summary>Larger than the response buffer, so that lines cross its edges.</summary>
    public override int MaxBytes => 20 * 1024;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] added = [.. "{\"type\":\"ADDED\",\"object\":"u8, .. KubernetesWords.SmallPod, .. "}\n"u8];
            byte[] deleted = [.. "{\"type\":\"DELETED\",\"object\":"u8, .. KubernetesWords.SmallPod, .. "}\n"u8];
            yield return added;
            yield return [.. added, .. deleted, .. "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"2\"}}}\n"u8];
            foreach (string name in Recorded)
            {
                byte[][] lines = [.. ApiRecording.Read(name).Body.ToArray().Split((byte)'\n').Where(line => line.Length is > 0 and < 10 * 1024).Take(6).Select(line => (byte[])[.. line, (byte)'\n'])];
                foreach (byte[] line in lines)
                {
                    yield return line;
                }

                yield return [.. lines.SelectMany(line => line).Take(MaxBytes)];
            }
        }
    }

    public override IReadOnlyList<byte[]> Words => KubernetesWords.All;

    public override string Check(byte[] input)
    {
        (List<string> calls, long skipped, string result) = Read([input]);
        var expected = new List<string>();
        long expectedSkipped = 0;
        byte[][] lines = [.. input.Split((byte)'\n')];
        foreach (byte[] line in lines.SkipLast(1))
        {
            (List<string> ofLine, long skippedOfLine, string end) = Read([[.. line, (byte)'\n']]);
            expected.AddRange(ofLine);
            expectedSkipped += skippedOfLine;
            if (end != "200 the watch ended immediately")
            {
                break;
            }
        }

        Assert.Equal(expected, calls);
        Assert.Equal(expectedSkipped, skipped);

        (List<string> again, long skippedAgain, string resultAgain) = Read(ListTarget.Pieces(input));
        Assert.Equal(calls, again);
        Assert.Equal((skipped, result), (skippedAgain, resultAgain));
        return $"{Magnitude(calls.Count)} {Magnitude(skipped)} {result[..3]} {string.Join(' ', calls.Take(4).Select(Shape))}";
    }

    /// <summary>Summarizes which fields an object has.</summary>
    public static string Shape(string call) =>
        $"{call[..4]}{call.Contains("False", StringComparison.Ordinal)}{call.Split("null").Length}{call.Contains("Labels\":{", StringComparison.Ordinal)}{call.Contains("Annotations\":{", StringComparison.Ordinal)}";

    private static (List<string> Calls, long Skipped, string Result) Read(List<byte[]> pieces)
    {
        var fixture = new WatcherFixture();
        using var body = new PieceStream(pieces);

        // The whole body is available: nothing blocks.
#pragma warning disable xUnit1031
        RequestResult result = fixture.Watch.ReadAsync(body, CancellationToken.None).GetAwaiter().GetResult();
#pragma warning restore xUnit1031
        return (fixture.Calls, fixture.Skipped, $"{result.Status} {result.Message}");
    }
}
