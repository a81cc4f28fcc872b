using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Protocol;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Loki;

/// <summary>The double answers what the real Loki answered, and stores what it stored.</summary>
public partial class LokiDoubleTests
{
    // What the double leaves out: messages of the label parser, limits that need a rate over time, settings it does not have.
    private static readonly string[] LeftOut =
    [
        "label_invalid_name", "label_invalid_name_digit", "label_invalid_unquoted", "label_value_invalid_utf8", "line_truncated",
        "no_service_name", "no_service_name_empty_labels", "label_names_15_no_service_name", "blocked", "blocked200", "blocked429",
        "structured_metadata_empty_name", "structured_metadata_odd_names", "structured_metadata_nonascii_name",
        "max_streams_known_stream_still_ok", "max_streams_new_first_known_last", "line_invalid_utf8",
        "structured_metadata_128", "structured_metadata_too_many", "structured_metadata_too_large", "max_line_size_and_rate_message_headers", "wrong_method",
    ];

    public static TheoryData<string> Cases()
    {
        var names = new TheoryData<string>();
        foreach (string path in Directory.EnumerateFiles(Recordings.Loki, "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(path));
            string name = Path.GetFileNameWithoutExtension(path);
            if (!LeftOut.Contains(name) && recording.RootElement.TryGetProperty("request", out JsonElement request)
                && request.TryGetProperty("streams", out JsonElement streams) && streams.EnumerateArray().All(CanBeRebuilt))
            {
                names.Add(name);
            }
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Push_RecordedRequest_IsAnsweredAndStoredAsRecorded(string name)
    {
        using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(Path.Combine(Recordings.Loki, name + ".json")));
        JsonElement root = recording.RootElement;
        var limits = new LokiLimits { MaxStreams = name.StartsWith("max_streams", StringComparison.Ordinal) ? 3 : 5000 };
        limits.AllowsMetadata = name != "structured_metadata_not_allowed";
        var sut = new LokiStore(limits, new FakeTimeProvider(FindNow(root)));
        if (root.TryGetProperty("setup_request", out JsonElement setup))
        {
            Assert.Equal(204, sut.Push(Rebuild(setup), "fake").Status);
        }

        string user = root.GetProperty("request").GetProperty("headers").TryGetProperty("X-Scope-OrgID", out JsonElement tenant) && name != "tenant_header_without_auth" ? tenant.GetString()! : "fake";
        (int status, string body) = sut.Push(Rebuild(root.GetProperty("request")), user);

        JsonElement response = root.GetProperty("response");
        Assert.Equal(response.GetProperty("status").GetInt32(), status);
        Assert.Equal(WithoutClock(response.GetProperty("body").GetString()!), WithoutClock(body));
        if (root.TryGetProperty("stored_afterwards", out JsonElement stored) && name is not ("label_only_invalid" or "too_old_but_within" or "label_empty_set" or "label_empty_string"))
        {
            Assert.Equal(
                stored.EnumerateArray().Sum(stream => stream.GetProperty("count").GetInt32()),
                sut.Streams.Sum(stream => stream.Entries.Count));
        }
    }

    /// <summary>The oldest time that is accepted depends on when the request came; what gRPC carries is not all the request's.</summary>
    private static string WithoutClock(string body) =>
        GrpcSize().Replace(OldestAcceptable().Replace(body, "oldest acceptable timestamp is: …"), "(… vs.");

    private static bool CanBeRebuilt(JsonElement stream) =>
        stream.GetProperty("labels").ValueKind == JsonValueKind.String
        && !stream.TryGetProperty("entries_total", out _)
        && stream.GetProperty("entries").EnumerateArray().All(
            entry => entry.GetProperty("line").ValueKind == JsonValueKind.String || entry.GetProperty("line").TryGetProperty("rest", out _));

    /// <summary>The moment of the request: "now-62.308s" beside its nanoseconds.</summary>
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

    private static PushRequest Rebuild(JsonElement recorded)
    {
        var request = new PushRequest();
        foreach (JsonElement recordedStream in recorded.GetProperty("streams").EnumerateArray())
        {
            var stream = new StreamAdapter { Labels = recordedStream.GetProperty("labels").GetString() };
            foreach (JsonElement recordedEntry in recordedStream.GetProperty("entries").EnumerateArray())
            {
                long ns = long.Parse(recordedEntry.GetProperty("ts_ns").GetString()!, CultureInfo.InvariantCulture);
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

            request.Streams.Add(stream);
        }

        return request;
    }

    private static string RebuildLine(JsonElement line) =>
        line.ValueKind == JsonValueKind.String ? line.GetString()! : new string(line.GetProperty("starts").GetString()![0], line.GetProperty("length").GetInt32());

    [GeneratedRegex("^now([-+][0-9.]+)s$")]
    private static partial Regex Age();

    [GeneratedRegex("\\([0-9]+ vs\\.")]
    private static partial Regex GrpcSize();

    [GeneratedRegex("oldest acceptable timestamp is: [-0-9T:Z]+$", RegexOptions.Multiline)]
    private static partial Regex OldestAcceptable();
}
