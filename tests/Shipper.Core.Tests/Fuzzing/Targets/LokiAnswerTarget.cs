using System.Globalization;
using System.Text;
using System.Text.Json;
using Shipper.Core.Tests.Support;
using Shipper.Loki;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A response to a push, from Loki or somebody else: a status and a text. The client soon arrives at a verdict, and recognizes a stream that Loki names,
/// regardless of its labels.
/// </summary>
internal sealed class LokiAnswerTarget : FuzzTarget
{
    private static readonly int[] Statuses = [400, 429, 500, 204, 200, 260, 408, 503, 403, 413, 0, 999];

    public override string Name => "loki-answer";

    /// <summary>PushClient.MaxBodyChars: the client reads no more of a response.</summary>
    public override int MaxBytes => 256 * 1024;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            foreach (string path in Directory.EnumerateFiles(Recordings.Loki, "*.json").Order(StringComparer.Ordinal))
            {
                using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(path));
                if (recording.RootElement.TryGetProperty("response", out JsonElement response))
                {
                    int status = Math.Max(0, Array.IndexOf(Statuses, response.GetProperty("status").GetInt32()));
                    yield return [(byte)status, .. Encoding.UTF8.GetBytes(response.GetProperty("body").GetString()!.Trim())];
                }
            }

            foreach (string word in Endless)
            {
                yield return [(byte)(word[0] == ';' ? 0 : 1), .. Encoding.UTF8.GetBytes("max entry size"), .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(word, 250 * 1024 / word.Length)))];
            }
        }
    }

    /// <summary>Repeated up to the maximum size, these could make a regular expression start over again and again, or run forever.</summary>
    private static readonly string[] Endless = ["to create stream {", "to create stream {\\\"", "for stream '{\"", "for stream '{a=\"\\", "; 999999999 errors like: "];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        "for stream '"u8.ToArray(), "for stream '{"u8.ToArray(), "to create stream "u8.ToArray(), "to create stream {"u8.ToArray(), "service_name=\""u8.ToArray(),
        ", service_name=\"x\""u8.ToArray(), "service_name=\"x\", "u8.ToArray(), "{a=\"b\"}"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), "\\\""u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), "'"u8.ToArray(),
        "total ignored: "u8.ToArray(), "total ignored: 999999999 out of 1 for stream: "u8.ToArray(), "999999999 errors like: "u8.ToArray(), "; 1 errors like: "u8.ToArray(), "; "u8.ToArray(),
        "max entry size"u8.ToArray(), "has timestamp too new"u8.ToArray(), "has timestamp too old"u8.ToArray(), "label value too long"u8.ToArray(),
        "ingestion rate limit exceeded"u8.ToArray(), "empty ring"u8.ToArray(), "\n"u8.ToArray(), "a"u8.ToArray(), "ä"u8.ToArray(), "=\"a\", "u8.ToArray(),
    ];

    public override string Check(byte[] input)
    {
        int status = Statuses[input.Length > 0 ? input[0] % Statuses.Length : 0];
        string body = Encoding.UTF8.GetString(input.AsSpan(Math.Min(1, input.Length))).Trim();
        PushAnswer answer = LokiAnswers.Read(status, body);

        Assert.Equal(status.ToString(CultureInfo.InvariantCulture), answer.Status);
        Assert.Equal(answer.Verdict == PushVerdict.EntriesRefused, answer.Errors is not null);
        Assert.True(answer.Verdict != PushVerdict.StreamEntriesRefused || answer.StreamError is not null);
        Assert.Equal(answer.Verdict is PushVerdict.Misconfigured or PushVerdict.Blocked, answer.Remedy is not null);
        if (answer.Stream is { Length: > 0 } stream)
        {
            Assert.Contains(answer.Verdict, (IEnumerable<PushVerdict>)[PushVerdict.StreamRefused, PushVerdict.StreamEntriesRefused]);
            Assert.True(answer.Names(stream));
        }

        Assert.True(answer.Stream?.Length == 0 || !answer.Names(""));
        AssertRecognizesStream(input);
        return $"{status} {answer.Verdict} {Magnitude(answer.StreamError?.Ignored ?? 0)} {answer.Errors?.All.Count} {answer.Errors?.IsComplete} {answer.RefusesNewStreams} {Magnitude(answer.Stream?.Length ?? -1)} {Magnitude(body.Length)}";
    }

    /// <summary>Uses the input as label values in Loki's message about a stream that it refuses.</summary>
    private static void AssertRecognizesStream(byte[] input)
    {
        int middle = input.Length / 2;
        string a = Encoding.UTF8.GetString(input.AsSpan(0, middle));
        string z = Encoding.UTF8.GetString(input.AsSpan(middle));
        KeyValuePair<string, string>[] labels = [new("a", a), new("cluster", "c"), new("z", z)];
        string ours = StreamLabels.Create(labels).Selector;
        string named = StreamLabels.Create([.. labels, new("service_name", "unknown_service")]).Selector;

        string[] answers =
        [
            $"Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{named}' totaling 1000B, consider splitting a stream via additional labels",
            $"Maximum active stream limit exceeded when trying to create stream {named}, reduce the number of active streams",
        ];
        foreach (string answer in answers)
        {
            PushAnswer read = LokiAnswers.Read(429, answer);
            Assert.Equal(PushVerdict.StreamRefused, read.Verdict);
            Assert.True(read.Names(ours) || input.AsSpan().IndexOf("service_name="u8) >= 0, read.Stream);
        }
    }
}
