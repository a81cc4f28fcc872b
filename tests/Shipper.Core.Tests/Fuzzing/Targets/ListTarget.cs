using System.Globalization;
using System.Text;
using System.Text.Json;
using Shipper.Core.Tests.Kubernetes;
using Shipper.Core.Tests.Kubernetes.Api;
using Shipper.Kubernetes.Api;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// The body of a list. The result does not depend on how the body is cut into pieces; if it is a JSON document with a version, each of its items is in the
/// store or was counted.
/// </summary>
internal sealed class ListTarget : FuzzTarget
{
    private const int Items = 3;

    public override string Name => "list";

    public override int MaxBytes => 24 * 1024;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            IReadOnlyList<string> items = Recorded.Items("pods-list-node");
            yield return ApiRecording.Read("pods-list-empty").Body.ToArray();
            yield return [.. "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[null,"u8, .. KubernetesWords.SmallPod, .. "]}"u8];
            for (int i = 0; i < items.Count; i++)
            {
                byte[] list = Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"{{\"kind\":\"PodList\",\"metadata\":{{\"resourceVersion\":\"9{i}\"}},\"items\":[{string.Join(',', items.Skip(i).Take(i % Items))}]}}"));
                yield return list.Length <= MaxBytes ? list : list[..MaxBytes];
            }
        }
    }

    public override IReadOnlyList<byte[]> Words => KubernetesWords.All;

    public override string Check(byte[] input)
    {
        (WatcherFixture fixture, long skipped, RequestResult result) = Read([input]);
        (WatcherFixture again, long skippedAgain, RequestResult resultAgain) = Read(Pieces(input));
        Assert.Equal(fixture.Calls, again.Calls);
        Assert.Equal((skipped, fixture.Pods, result.Verdict), (skippedAgain, again.Pods, resultAgain.Verdict));
        Assert.True(result.Message.Length < 600);
        int? items = CountItems(input);
        if (result.Verdict == RequestVerdict.Done)
        {
            // The reader ignores what follows the end of the list, so the whole body may be invalid JSON.
            Assert.Equal(items ?? fixture.Calls.Count + (int)skipped - CountInvalid(fixture), fixture.Calls.Count + (int)skipped - CountInvalid(fixture));
        }
        else
        {
            // An incomplete list is not applied at all.
            Assert.Empty(fixture.Calls);
            Assert.Equal(RequestVerdict.Failed, result.Verdict);
        }

        return $"{result.Verdict} {(result.Verdict == RequestVerdict.Done ? "" : result.Message[..Math.Min(24, result.Message.Length)])} {Magnitude(items ?? -1)} {Magnitude(skipped)} {string.Join(' ', fixture.Calls.Take(4).Select(WatchTarget.Shape))}";
    }

    /// <summary>Items without a name were counted, too, and passed to the store.</summary>
    private static int CountInvalid(WatcherFixture fixture) => fixture.Calls.Count(call => call.Contains("\"Metadata\":null", StringComparison.Ordinal)
        || ((string[])["Name", "Namespace", "Uid"]).Any(key => ReadKey(call, key).Length == 0));

    private static string ReadKey(string call, string key)
    {
        using JsonDocument item = JsonDocument.Parse(call["list ".Length..]);
        return item.RootElement.GetProperty("Metadata").GetProperty(key).GetString() ?? "";
    }

    private static int? CountItems(byte[] input)
    {
        try
        {
            using JsonDocument list = JsonDocument.Parse(input);
            return list.RootElement.ValueKind == JsonValueKind.Object
                ? list.RootElement.EnumerateObject().Where(member => member.NameEquals("items"u8) && member.Value.ValueKind == JsonValueKind.Array).Sum(member => member.Value.GetArrayLength())
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name contains half of a surrogate pair.
            return null;
        }
    }

    /// <summary>A limited number of pieces for a long input: with each piece, an incomplete item is parsed again from its start.</summary>
    public static List<byte[]> Pieces(byte[] input) => [.. input.Chunk(Math.Max(RandomOf(input).Next(1, 600), input.Length / 64))];

    private static (WatcherFixture Fixture, long Skipped, RequestResult Result) Read(List<byte[]> pieces)
    {
        var fixture = new WatcherFixture();
        using var body = new PieceStream(pieces);

        // The whole body is available: nothing blocks.
#pragma warning disable xUnit1031
        RequestResult result = fixture.List.ReadAsync(body, CancellationToken.None).GetAwaiter().GetResult();
#pragma warning restore xUnit1031
        return (fixture, fixture.Skipped, result);
    }
}
