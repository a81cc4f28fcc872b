using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;
using Shipper.Protocol;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Doubles;

/// <summary>The double answers what the real Loki answered, and stores what Loki stored.</summary>
public partial class LokiDoubleTests
{
    // What the double does not support: messages of the label parser, and settings that it lacks.
    private static readonly string[] Unsupported =
    [
        "label_invalid_name", "label_invalid_name_digit", "label_invalid_unquoted", "label_value_invalid_utf8", "line_truncated",
        "no_service_name", "no_service_name_empty_labels", "label_names_15_no_service_name", "blocked", "blocked200", "blocked429", "line_invalid_utf8",
        "structured_metadata_128", "structured_metadata_too_many", "structured_metadata_too_large", "max_line_size_and_rate_message_headers", "wrong_method",
    ];

    // Each of these continues where its predecessor ended.
    private static readonly string[] MaxStreams = ["max_streams_five_at_once", "max_streams_known_stream_still_ok", "max_streams_new_first_known_last"];

    // Recorded one after another with the same Loki: their results include streams of the others.
    private static readonly string[] SharedStreams = ["label_only_invalid", "label_empty_set", "label_empty_string"];

    public static TheoryData<string> Cases()
    {
        var names = new TheoryData<string>();
        foreach (string path in Directory.EnumerateFiles(Recordings.Loki, "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(path));
            string name = Path.GetFileNameWithoutExtension(path);
            if (!Unsupported.Contains(name) && recording.RootElement.TryGetProperty("request", out JsonElement request)
                && request.TryGetProperty("streams", out JsonElement streams) && streams.EnumerateArray().All(CanBeRebuilt)
                && !IsAboutRates(name))
            {
                names.Add(name);
            }
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Push_RecordedRequest_AnswersAndStoresAsRecorded(string name)
    {
        using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(Path.Combine(Recordings.Loki, name + ".json")));
        JsonElement root = recording.RootElement;
        LokiLimits limits = LimitsOf(root);
        limits.AllowsMetadata = name != "structured_metadata_not_allowed";
        var sut = new LokiStore(limits, new FakeTimeProvider(FindNow(root)));
        if (root.TryGetProperty("setup_request", out JsonElement setup))
        {
            Assert.Equal(204, sut.Push(Rebuild(setup), "fake").Status);
        }

        foreach (string before in MaxStreams.TakeWhile(_ => MaxStreams.Contains(name)).TakeWhile(before => before != name))
        {
            sut.Push(Rebuild(Read(before).GetProperty("request")), "fewstreams");
        }

        string user = root.GetProperty("request").GetProperty("headers").TryGetProperty("X-Scope-OrgID", out JsonElement tenant) && name != "tenant_header_without_auth" ? tenant.GetString()! : "fake";
        AssertAnswer(root.GetProperty("response"), sut.Push(Rebuild(root.GetProperty("request")), user));
        if (root.TryGetProperty("stored_afterwards", out JsonElement stored) && !SharedStreams.Contains(name))
        {
            if (name != "too_old_but_within")
            {
                Assert.Equal(stored.EnumerateArray().Sum(stream => stream.GetProperty("count").GetInt32()), sut.Streams.Sum(stream => stream.Entries.Count));
            }

            // Bytes that are not valid UTF-8 can't be rebuilt.
            if (name != "structured_metadata_invalid_utf8_value")
            {
                AssertQueryReturns(stored, sut);
            }
        }
    }

    public static TheoryData<string> RateCases() =>
    [
        .. Directory.EnumerateFiles(Recordings.Loki, "*_rate_*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)
            .Where(name => IsAboutRates(name) && Read(name).TryGetProperty("request", out _)),
    ];

    /// <summary>With the rate limits of the recording, all at one moment: a bucket is full when the double starts.</summary>
    [Theory]
    [MemberData(nameof(RateCases))]
    public void Push_RecordedRates_AnswersAndStoresAsRecorded(string name)
    {
        JsonElement root = Read(name);
        var time = new FakeTimeProvider(FindNow(root));
        var sut = new LokiStore(LimitsOf(root), time);
        string user = root.GetProperty("request").GetProperty("headers").TryGetProperty("X-Scope-OrgID", out JsonElement tenant) ? tenant.GetString()! : "fake";
        if (root.TryGetProperty("setup_request", out JsonElement setup))
        {
            Assert.Equal(204, sut.Push(Rebuild(setup), user).Status);
        }

        // The attempts differ only in their times, as the stored entries show: each is a request of its own.
        List<JsonElement> attempts = root.TryGetProperty("attempts", out JsonElement recorded) ? [.. recorded.EnumerateArray()] : [];
        int attempt = 0;
        if (name == "tenant_rate_retry")
        {
            double now = 0;
            foreach (JsonElement earlier in attempts)
            {
                double at = earlier.GetProperty("at_seconds").GetDouble();
                time.Advance(TimeSpan.FromSeconds(at - now));
                now = at;
                Assert.Equal(earlier.GetProperty("status").GetInt32(), sut.Push(Rebuild(root.GetProperty("request"), shiftNs: ++attempt * 1_000_000), user).Status);
            }
        }
        else
        {
            foreach (JsonElement earlier in attempts)
            {
                Assert.Equal(earlier.GetProperty("status").GetInt32(), sut.Push(Rebuild(root.GetProperty("request")), user).Status);
                time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        AssertAnswer(root.GetProperty("response"), sut.Push(Rebuild(root.GetProperty("request")), user));
        Assert.Equal(
            root.GetProperty("stored_afterwards").EnumerateArray().Sum(stream => stream.GetProperty("count").GetInt32()), sut.Streams.Sum(stream => stream.Entries.Count));
    }

    [Fact]
    public void Push_TenantRateExceededRepeatedly_RefusedRequestsConsumeNothing()
    {
        JsonElement root = Read("tenant_rate_back_to_back");
        var time = new FakeTimeProvider();
        var sut = new LokiStore(LimitsOf(root), time);
        double now = 0;
        int number = 0;
        foreach (JsonElement request in root.GetProperty("requests").EnumerateArray())
        {
            double at = request.GetProperty("at_seconds").GetDouble();
            time.Advance(TimeSpan.FromSeconds(at - now));
            now = at;
            bool isBig = request.GetProperty("request").GetString()!.StartsWith("150 lines", StringComparison.Ordinal);
            PushRequest push = isBig ? MakePush(time, ($"{{stream=\"big{number}\"}}", 150, 1000), ($"{{stream=\"small{number}\"}}", 1, 4)) : MakePush(time, ("{stream=\"tiny\"}", 1, 4));
            number++;

            (int status, string body) = sut.Push(push, "smallrate");

            Assert.Equal((request.GetProperty("status").GetInt32(), request.GetProperty("body").GetString()), (status, body));
        }

        Assert.Equal(152, sut.Streams.Sum(stream => stream.Entries.Count));
    }

    [Fact]
    public void Push_AfterStreamRateExceeded_RecoversAsRecorded()
    {
        JsonElement root = Read("per_stream_rate_recovers");
        var time = new FakeTimeProvider();
        var sut = new LokiStore(LimitsOf(root), time);
        double now = 0;
        foreach (JsonElement request in root.GetProperty("requests").EnumerateArray())
        {
            double at = request.GetProperty("at_seconds").GetDouble();
            time.Advance(TimeSpan.FromSeconds(at - now) + TimeSpan.FromTicks(100));
            now = at;
            Assert.Equal(request.GetProperty("status").GetInt32(), sut.Push(MakePush(time, ("{stream=\"hot\"}", 15, 1000)), "perstream").Status);
        }

        Assert.Equal(root.GetProperty("stored_lines_afterwards").GetInt32(), Assert.Single(sut.Streams).Entries.Count);
    }

    /// <summary>
    /// Masks what varies: the oldest accepted time depends on the time of the request, and the size of the gRPC message on more than the request.
    /// </summary>
    private static string WithoutClock(string body) =>
        GrpcSize().Replace(OldestAcceptable().Replace(body, "oldest acceptable timestamp is: …"), "(… vs.");

    private static JsonElement Read(string name)
    {
        using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(Path.Combine(Recordings.Loki, name + ".json")));
        return recording.RootElement.Clone();
    }

    private static bool IsAboutRates(string name) =>
        name.StartsWith("per_stream_rate_", StringComparison.Ordinal) || name.StartsWith("tenant_rate_", StringComparison.Ordinal);

    /// <summary>The limits that the recording's configuration states in prose.</summary>
    private static LokiLimits LimitsOf(JsonElement root)
    {
        string configuration = root.GetProperty("configuration").GetString()!;
        var limits = new LokiLimits { EnforcesRates = true };
        foreach (Match setting in Setting().Matches(configuration))
        {
            double value = double.Parse(setting.Groups["value"].ValueSpan, CultureInfo.InvariantCulture);
            switch (setting.Groups["name"].Value)
            {
                case "per_stream_rate_limit":
                    limits.StreamRateBytes = (long)(value * 1024);
                    break;
                case "per_stream_rate_limit_burst":
                    limits.StreamBurstBytes = (long)(value * 1024);
                    break;
                case "ingestion_rate_mb":
                    limits.RateBytes = (long)(value * 1024 * 1024);
                    break;
                case "ingestion_burst_size_mb":
                    limits.BurstBytes = (long)(value * 1024 * 1024);
                    break;
                case "max_global_streams_per_user":
                    limits.MaxStreams = (int)value;
                    break;
            }
        }

        // In the first recording this limit was raised, and a request of 5 MB was accepted.
        if (root.GetProperty("case").GetString()!.StartsWith("tenant_rate", StringComparison.Ordinal))
        {
            limits.MaxRequestBytes = 64 * 1024 * 1024;
        }

        return limits;
    }

    private static PushRequest MakePush(TimeProvider time, params (string Labels, int Lines, int LineBytes)[] streams)
    {
        var request = new PushRequest();
        long ticks = time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks;
        foreach ((string labels, int lines, int lineBytes) in streams)
        {
            var stream = new StreamAdapter { Labels = labels };
            stream.Entries.AddRange(Enumerable.Range(0, lines).Select(i => new EntryAdapter
            {
                Timestamp = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = ticks / TimeSpan.TicksPerSecond, Nanos = (int)(ticks % TimeSpan.TicksPerSecond * 100) + i },
                Line = new string('z', lineBytes),
            }));
            request.Streams.Add(stream);
        }

        return request;
    }

    private static void AssertAnswer(JsonElement response, (int Status, string Body) answer)
    {
        Assert.Equal(response.GetProperty("status").GetInt32(), answer.Status);
        Assert.Equal(WithoutClock(response.GetProperty("body").GetString()!), WithoutClock(answer.Body));
    }

    /// <summary>A query returns the same streams with the same labels, in the same order, with the same entries.</summary>
    private static void AssertQueryReturns(JsonElement stored, LokiStore sut)
    {
        var parameters = new Dictionary<string, string>
        {
            ["query"] = "{service_name=~\".+\"}",
            ["start"] = "1794000000000000000",
            ["end"] = "1796500000000000000",
            ["limit"] = "5000",
            ["direction"] = "forward",
        };
        (int status, string body) = sut.Query(parameters, out IReadOnlyList<QueriedStream> page);

        Assert.Equal((200, ""), (status, body));
        Assert.Equal(
            stored.EnumerateArray().Select(stream => Show(stream.GetProperty("stream").EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!)), stream.GetProperty("count").GetInt32())),
            page.Select(stream => Show(stream.Labels, stream.Values.Count)));
        foreach ((JsonElement expected, QueriedStream actual) in stored.EnumerateArray().Zip(page))
        {
            foreach ((JsonElement value, string[] entry) in expected.GetProperty("values").EnumerateArray().Zip(actual.Values))
            {
                Assert.Equal(value[0].GetString(), entry[0]);
                Assert.Equal(value[1].ValueKind == JsonValueKind.String ? value[1].GetString()!.Length : value[1].GetProperty("length").GetInt32(), entry[1].Length);
            }
        }
    }

    private static string Show(IEnumerable<KeyValuePair<string, string>> labels, int count) =>
        string.Join(", ", labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")) + $": {count}";

    private static bool CanBeRebuilt(JsonElement stream) =>
        stream.GetProperty("labels").ValueKind == JsonValueKind.String
        && stream.GetProperty("entries").EnumerateArray().All(
            entry => entry.GetProperty("line").ValueKind == JsonValueKind.String || entry.GetProperty("line").TryGetProperty("rest", out _));

    /// <summary>The time of the request, computed from an entry's relative time ("now-62.308s") and its nanoseconds.</summary>
    private static DateTimeOffset FindNow(JsonElement root)
    {
        foreach (JsonElement entry in root.GetProperty("request").GetProperty("streams").EnumerateArray().SelectMany(stream => stream.GetProperty("entries").EnumerateArray()))
        {
            Match age = Age().Match(entry.GetProperty("ts").GetString()!);
            long ns = long.Parse(entry.GetProperty("ts_ns").GetString()!, CultureInfo.InvariantCulture);
            if (age.Success && ns > 0)
            {
                double seconds = double.Parse(age.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                return DateTimeOffset.UnixEpoch.AddTicks(ns / 100).AddSeconds(-seconds);
            }
        }

        return DateTimeOffset.UnixEpoch.AddTicks(1_795_397_154_231_342_912 / 100);
    }

    private static PushRequest Rebuild(JsonElement recorded, long shiftNs = 0)
    {
        var request = new PushRequest();
        foreach (JsonElement recordedStream in recorded.GetProperty("streams").EnumerateArray())
        {
            var stream = new StreamAdapter { Labels = recordedStream.GetProperty("labels").GetString() };
            foreach (JsonElement recordedEntry in recordedStream.GetProperty("entries").EnumerateArray())
            {
                long ns = long.Parse(recordedEntry.GetProperty("ts_ns").GetString()!, CultureInfo.InvariantCulture) + shiftNs;
                var entry = new EntryAdapter
                {
                    Timestamp = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = ns / 1_000_000_000, Nanos = (int)(ns % 1_000_000_000) },
                    Line = RebuildLine(recordedEntry.GetProperty("line")),
                };
                if (recordedEntry.TryGetProperty("structuredMetadata", out JsonElement metadata))
                {
                    entry.StructuredMetadata.AddRange(metadata.EnumerateArray()
                        .Select(pair => new LabelPairAdapter { Name = pair[0].GetString() ?? "", Value = pair[1].ValueKind == JsonValueKind.String ? pair[1].GetString() : "?" }));
                }

                stream.Entries.Add(entry);
            }

            // The recording is abbreviated: the other entries are the same, 1 ns apart.
            while (recordedStream.TryGetProperty("entries_total", out JsonElement total) && stream.Entries.Count < total.GetInt32())
            {
                EntryAdapter next = stream.Entries[^1].Clone();
                next.Timestamp.Nanos++;
                stream.Entries.Add(next);
            }

            request.Streams.Add(stream);
        }

        return request;
    }

    private static string RebuildLine(JsonElement line) =>
        line.ValueKind == JsonValueKind.String ? line.GetString()! : new string(line.GetProperty("starts").GetString()![0], line.GetProperty("length").GetInt32());

    [GeneratedRegex("(?<name>[a-z_]+) (?<value>[0-9.]+)(KB)?")]
    private static partial Regex Setting();

    [GeneratedRegex("^now([-+][0-9.]+)s$")]
    private static partial Regex Age();

    [GeneratedRegex("\\([0-9]+ vs\\.")]
    private static partial Regex GrpcSize();

    [GeneratedRegex("oldest acceptable timestamp is: [-0-9T:Z]+$", RegexOptions.Multiline)]
    private static partial Regex OldestAcceptable();
}
