using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Shipper.Core.Tests.Kubernetes.Api;
using Shipper.Core.Tests.Support;
using Shipper.Loki;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A response to a query. The result does not depend on how the response is cut into pieces; reading fails only with the expected exceptions; the entries and
/// their stream labels are those of the same JSON parsed as a document.
/// </summary>
internal sealed class QueryAnswerTarget : FuzzTarget
{
    /// <summary>An input up to this size is also read byte by byte.</summary>
    private const int MaxSingleBytes = 2 * 1024;

    /// <summary>Larger than the reader's buffer.</summary>
    private const int LongLine = 70 * 1024;

    public override string Name => "query-answer";

    public override int MaxBytes => 80 * 1024;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            foreach (string path in Directory.EnumerateFiles(Recordings.Loki, "*.json").Order(StringComparer.Ordinal))
            {
                using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(path));
                if (recording.RootElement.TryGetProperty("stored_afterwards", out JsonElement stored)
                    && Answer(string.Join(',', stored.EnumerateArray().Select(stream => JsonSerializer.Serialize(stream)))) is { Length: < 4 * 1024 } answer)
                {
                    yield return answer;
                }
            }

            yield return Answer("");
            yield return Answer("""{"stream":{"a":"b"},"values":[["1","x"],["2","\u003cä\n\ud83d\ude00\"",{"structuredMetadata":{"k":"v"}}]]},{"stream":{},"values":[["9223372036854775807",""]]}""");
            yield return Answer($$"""{"stream":{"a":"b"},"values":[["1","{{new string('x', LongLine)}}\n"]]}""");
            yield return """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1795630620,"1"]]}]}}"""u8.ToArray();
        }
    }

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "1", "-1", "1e400", "{}", "[]", "[null]", "\"\"", "\"x\"", "\n", " ", "\"status\":\"success\",", "\"data\":{", "\"data\":", "\"resultType\":\"streams\",",
            "\"result\":[", "\"result\":", "\"stream\":{", "\"stream\":{\"a\":\"b\"}", "\"stream\":null,", "\"values\":[", "\"values\":[[\"1\",\"x\"]]", "[\"1\",\"x\"]", "{\"stream\":{\"a\":\"b\"},\"values\":[[\"1\",\"x\"]]}",
            "\"9223372036854775807\"", "\"9223372036854775808\"", "\"-1\"", "{\"structuredMetadata\":{\"k\":\"v\"}}", "\"encodingFlags\":[\"categorize-labels\"],", "\"stats\":{\"summary\":{\"execTime\":0.01}}",
            "\\ud800", "\\ud83d\\ude00", "\\u0000", "\\u0031", "\\u0064ata", "\\n", "\\",
        ]).Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0],
    ];

    public override string Check(byte[] input)
    {
        Result result = Read([input]);
        AssertSame(result, Read([.. input.Chunk(input.Length <= MaxSingleBytes ? 1 : Math.Max(1, input.Length / 64))]));
        AssertSame(result, Read(ListTarget.Pieces(input)));
        if (result.Failure is null)
        {
            Assert.Equal(result.Calls.Count(call => !call.IsStream), result.Entries);
            Assert.Equal(result.Calls.Where(call => !call.IsStream).Select(call => call.TimestampNs).Append(long.MinValue).Max(), result.NewestNs);
        }

        string expectation = AssertExpected(input, result);
        return $"{result.Failure?.Name} {expectation} {result.IsComplete} {Magnitude(result.Entries)} {Magnitude(result.Calls.Count - result.Entries)} {Magnitude(result.Calls.Count == 0 ? 0 : result.Calls.Max(call => call.Text.Length))}";
    }

    private static byte[] Answer(string streams) => Encoding.UTF8.GetBytes(
        """{"status":"success","data":{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[""" + streams + """],"stats":{"summary":{"execTime":0.003868,"shards":1}}}}""");

    /// <summary>Compares the result with the parsed document.</summary>
    /// <returns>The kind of document.</returns>
    private static string AssertExpected(byte[] input, Result result)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(input);
        }
        catch (JsonException)
        {
            Assert.NotNull(result.Failure);
            return "no JSON";
        }

        using (document)
        {
            var expected = new List<Call>();
            Shape shape = ReadDocument(document.RootElement, expected);

            // Up to the first deviation from what Loki writes, the entries are those of the document, and nothing else.
            Assert.Equal(expected, result.Calls.Take(expected.Count));
            switch (shape)
            {
                case Shape.Valid:
                    Assert.Null(result.Failure);
                    Assert.True(result.IsComplete);
                    Assert.Equal(expected.Count, result.Calls.Count);
                    break;
                case Shape.NoResult:
                    Assert.False(result.IsComplete);
                    Assert.Empty(result.Calls);
                    break;
                case Shape.NoStream:
                    Assert.Equal(typeof(JsonException), result.Failure);
                    Assert.Equal(expected.Count, result.Calls.Count);
                    break;
            }

            return shape.ToString();
        }
    }

    private static Shape ReadDocument(JsonElement root, List<Call> calls)
    {
        try
        {
            if (root.ValueKind != JsonValueKind.Object || root.EnumerateObject().Count(property => property.NameEquals("data"u8)) > 1)
            {
                return root.ValueKind == JsonValueKind.Object ? Shape.Odd : Shape.NoResult;
            }

            if (!root.TryGetProperty("data"u8, out JsonElement data) || data.ValueKind != JsonValueKind.Object)
            {
                return data.ValueKind == JsonValueKind.Array ? Shape.Odd : Shape.NoResult;
            }

            if (data.EnumerateObject().Count(property => property.Name == "result") > 1)
            {
                return Shape.Odd;
            }

            if (!data.TryGetProperty("result"u8, out JsonElement streams) || streams.ValueKind != JsonValueKind.Array)
            {
                return Shape.NoResult;
            }

            return streams.EnumerateArray().Select(stream => ReadStream(stream, calls)).FirstOrDefault(shape => shape != Shape.Valid, Shape.Valid);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are not UTF-8.
            return Shape.Odd;
        }
    }

    private static Shape ReadStream(JsonElement stream, List<Call> calls)
    {
        if (stream.ValueKind != JsonValueKind.Object)
        {
            return Shape.Odd;
        }

        bool hasStream = false;
        bool hasValues = false;
        foreach (JsonProperty property in stream.EnumerateObject())
        {
            switch (property.Name)
            {
                case "stream":
                    if (property.Value.ValueKind != JsonValueKind.Object && !hasStream)
                    {
                        return ReadOddStream(stream);
                    }

                    if (hasStream || property.Value.EnumerateObject().Any(label => label.Value.ValueKind != JsonValueKind.String))
                    {
                        return Shape.Odd;
                    }

                    hasStream = true;
                    calls.Add(Call.OfStream(property.Value.EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!))));
                    break;
                case "values":
                    if (!hasStream)
                    {
                        return ReadOddStream(stream);
                    }

                    if (hasValues || property.Value.ValueKind != JsonValueKind.Array)
                    {
                        return Shape.Odd;
                    }

                    hasValues = true;
                    foreach (JsonElement value in property.Value.EnumerateArray())
                    {
                        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < 2 || value[0].ValueKind != JsonValueKind.String || value[1].ValueKind != JsonValueKind.String
                            || !long.TryParse(value[0].GetRawText().Trim('"'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long timestampNs))
                        {
                            return Shape.Odd;
                        }

                        // Bytes that are not UTF-8 are passed on unchanged if the string contains no escapes.
                        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(value[1])[1..^1];
                        calls.Add(new Call(false, timestampNs, Convert.ToHexString(raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(value[1].GetString()!) : raw)));
                    }

                    break;
            }
        }

        return Shape.Valid;
    }

    /// <summary>Entries before their stream's labels belong to no stream.</summary>
    private static Shape ReadOddStream(JsonElement stream)
    {
        JsonProperty first = stream.EnumerateObject().FirstOrDefault(property => property.Name == "stream" ? property.Value.ValueKind == JsonValueKind.Object : property.Name == "values");
        return first.Value.ValueKind == JsonValueKind.Array && first.Name == "values" && first.Value.EnumerateArray().Take(1).Any(value =>
            value.ValueKind == JsonValueKind.Array && value.EnumerateArray().Take(1).Any(text => text.ValueKind == JsonValueKind.String))
            ? Shape.NoStream
            : Shape.Odd;
    }

    private static void AssertSame(Result expected, Result actual)
    {
        Assert.Equal(expected.Calls, actual.Calls);
        Assert.Equal((expected.Failure, expected.Entries, expected.NewestNs, expected.IsComplete), (actual.Failure, actual.Entries, actual.NewestNs, actual.IsComplete));
    }

    private static Result Read(IReadOnlyList<byte[]> pieces)
    {
        var visitor = new Visitor();
        var sut = new QueryAnswerReader(visitor, 1024 * 1024);
        using var body = new PieceStream(pieces);
        Type? failure = null;
        try
        {
            // The whole body is available: nothing blocks.
#pragma warning disable xUnit1031
            sut.ReadAsync(body, CancellationToken.None).GetAwaiter().GetResult();
#pragma warning restore xUnit1031
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException)
        {
            failure = e is JsonException ? typeof(JsonException) : e.GetType();
        }

        return new Result(visitor.Calls, failure, sut.Entries, sut.NewestNs, sut.IsComplete);
    }

    /// <summary>Kinds of JSON, as a response to a query.</summary>
    private enum Shape
    {
        /// <summary>As Loki writes it.</summary>
        Valid,

        /// <summary>There is no list of streams.</summary>
        NoResult,

        /// <summary>Entries come before their stream's labels.</summary>
        NoStream,

        /// <summary>Deviates otherwise from what Loki writes: the result after the deviation does not matter.</summary>
        Odd,
    }

    private sealed record Result(List<Call> Calls, Type? Failure, int Entries, long NewestNs, bool IsComplete);

    /// <summary>The labels of a stream, or the time and line of an entry.</summary>
    private sealed record Call(bool IsStream, long TimestampNs, string Text)
    {
        public static Call OfStream(IEnumerable<KeyValuePair<string, string>> labels)
        {
            var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach ((string name, string value) in labels)
            {
                last[name] = value;
            }

            return new Call(true, 0, string.Join('\0', last.Select(label => $"{label.Key}={label.Value}")));
        }
    }

    private sealed class Visitor : IEntryVisitor
    {
        public List<Call> Calls { get; } = [];

        public void BeginStream(IReadOnlyDictionary<string, string> labels) => Calls.Add(Call.OfStream(labels));

        public void Visit(long timestampNs, ReadOnlySpan<byte> line) => Calls.Add(new Call(false, timestampNs, Convert.ToHexString(line)));
    }
}
