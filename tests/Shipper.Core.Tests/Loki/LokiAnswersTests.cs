using System.Text.Json;
using Shipper.Core.Tests.Support;
using Shipper.Loki;

namespace Shipper.Core.Tests.Loki;

public class LokiAnswersTests
{
    /// <summary>The verdict on each recorded response of a real Loki. A response that is missing here means that the push was stored.</summary>
    private static readonly Dictionary<string, PushVerdict> Expected = new()
    {
        ["auth_no_tenant"] = PushVerdict.Misconfigured,
        ["auth_tenant_dotdot"] = PushVerdict.Misconfigured,
        ["auth_tenant_long"] = PushVerdict.Misconfigured,
        ["auth_tenant_slash"] = PushVerdict.Misconfigured,
        ["auth_tenant_space"] = PushVerdict.Misconfigured,
        ["auth_tenant_two"] = PushVerdict.Misconfigured,
        ["blocked"] = PushVerdict.Blocked,
        ["blocked429"] = PushVerdict.Blocked,
        ["body_empty"] = PushVerdict.Misconfigured,
        ["body_not_snappy"] = PushVerdict.Misconfigured,
        ["body_over_receive_limit_gzip"] = PushVerdict.TooLarge,
        ["body_snappy_declares_too_much"] = PushVerdict.Misconfigured,
        ["body_snappy_garbage_protobuf"] = PushVerdict.Misconfigured,
        ["body_truncated"] = PushVerdict.Misconfigured,
        ["content_type_json_but_protobuf"] = PushVerdict.Misconfigured,
        ["content_type_missing"] = PushVerdict.Misconfigured,
        ["gzip_protobuf"] = PushVerdict.Misconfigured,
        ["json_malformed"] = PushVerdict.Misconfigured,
        ["label_duplicate"] = PushVerdict.EntriesRefused,
        ["label_duplicate_same_value"] = PushVerdict.EntriesRefused,
        ["label_invalid_name"] = PushVerdict.UnreadableLabels,
        ["label_invalid_name_digit"] = PushVerdict.UnreadableLabels,
        ["label_invalid_unquoted"] = PushVerdict.UnreadableLabels,
        ["label_name_too_long"] = PushVerdict.EntriesRefused,
        ["label_names_15_no_service_name"] = PushVerdict.EntriesRefused,
        ["label_value_invalid_utf8"] = PushVerdict.UnreadableLabels,
        ["label_value_too_long"] = PushVerdict.EntriesRefused,
        ["label_value_too_long_utf8"] = PushVerdict.EntriesRefused,
        ["line_max_plus_1"] = PushVerdict.EntriesRefused,
        ["line_too_long_same_and_other_stream"] = PushVerdict.EntriesRefused,
        ["max_line_size_and_rate_message_headers"] = PushVerdict.Misconfigured,
        ["max_streams_five_at_once"] = PushVerdict.StreamRefused,
        ["max_streams_known_stream_still_ok"] = PushVerdict.StreamRefused,
        ["no_service_name_empty_labels"] = PushVerdict.EntriesRefused,
        ["per_stream_rate_and_late"] = PushVerdict.StreamEntriesRefused,
        ["per_stream_rate_hot_last"] = PushVerdict.StreamRefused,
        ["per_stream_rate_late_then_hot"] = PushVerdict.StreamRefused,
        ["per_stream_rate_only"] = PushVerdict.StreamRefused,
        ["per_stream_rate_retry"] = PushVerdict.StreamRefused,
        ["request_over_grpc_limit"] = PushVerdict.Unconfirmed,
        ["request_over_grpc_limit_streams"] = PushVerdict.Unconfirmed,
        ["request_without_streams"] = PushVerdict.Misconfigured,
        ["structured_metadata_empty_name"] = PushVerdict.Unconfirmed,
        ["structured_metadata_nonascii_name"] = PushVerdict.Unconfirmed,
        ["structured_metadata_not_allowed"] = PushVerdict.EntriesRefused,
        ["structured_metadata_odd_names"] = PushVerdict.Unconfirmed,
        ["structured_metadata_too_large"] = PushVerdict.EntriesRefused,
        ["structured_metadata_too_many"] = PushVerdict.EntriesRefused,
        ["tenant_rate_and_long_line"] = PushVerdict.EntriesRefused,
        ["tenant_rate_larger_than_burst"] = PushVerdict.NotStored,
        ["tenant_rate_over_burst"] = PushVerdict.NotStored,
        ["tenant_rate_retry"] = PushVerdict.NotStored,
        ["timestamp_zero"] = PushVerdict.EntriesRefused,
        ["too_far_behind_15_streams"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_GGL"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_GL"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_GLL"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_LGL"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_LL"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_alone"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_and_line_too_long"] = PushVerdict.EntriesRefused,
        ["too_far_behind_same_stream_good_late_good"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_same_stream_good_then_late"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_same_stream_late_then_good"] = PushVerdict.StreamEntriesRefused,
        ["too_far_behind_within_request"] = PushVerdict.StreamEntriesRefused,
        ["too_many_label_names"] = PushVerdict.EntriesRefused,
        ["too_new"] = PushVerdict.EntriesRefused,
        ["too_old"] = PushVerdict.EntriesRefused,
        ["too_old_alone"] = PushVerdict.EntriesRefused,
        ["trailing_slash"] = PushVerdict.Misconfigured,
        ["two_line_errors"] = PushVerdict.EntriesRefused,
        ["wrong_method"] = PushVerdict.Misconfigured,
        ["wrong_path"] = PushVerdict.Misconfigured,
        ["wrong_path_root"] = PushVerdict.Misconfigured,
    };

    public static TheoryData<string> Answers()
    {
        var names = new TheoryData<string>();
        foreach (string path in Directory.EnumerateFiles(Recordings.Loki, "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(path));
            if (recording.RootElement.TryGetProperty("response", out _))
            {
                names.Add(Path.GetFileNameWithoutExtension(path));
            }
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Read_RecordedResponse_ReturnsTheVerdict(string name)
    {
        using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(Path.Combine(Recordings.Loki, name + ".json")));
        JsonElement response = recording.RootElement.GetProperty("response");

        PushAnswer answer = LokiAnswers.Read(response.GetProperty("status").GetInt32(), response.GetProperty("body").GetString()!.Trim());

        Assert.Equal(Expected.GetValueOrDefault(name, PushVerdict.Stored), answer.Verdict);
    }

    [Theory]
    [InlineData("too_far_behind_15_streams", 3)]
    [InlineData("too_far_behind_same_stream_good_late_good", 1)]
    [InlineData("two_line_errors", 2)]
    [InlineData("line_max_plus_1", 1)]
    public void Read_Refusal_ReturnsTheNumberOfRecords(string name, int expected)
    {
        using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(Path.Combine(Recordings.Loki, name + ".json")));
        string body = recording.RootElement.GetProperty("response").GetProperty("body").GetString()!;

        PushAnswer answer = LokiAnswers.Read(400, body.Trim());
        Assert.Equal(expected, answer.StreamError?.Ignored ?? answer.Errors!.All.Sum(error => error.Count));
    }

    /// <summary>The labels of a stream may contain text that looks like a count.</summary>
    [Fact]
    public void Read_CountsAddUpBeyondInt32_ReturnsTheMaximum() => Assert.Equal(
        int.MaxValue, LokiAnswers.Read(400, string.Join("; ", Enumerable.Repeat("999999999 errors like: max entry size '1' bytes exceeded for stream '{}' while", 3))).Errors!.CountOf(RefusalKind.LineTooLong));

    [Theory]
    [InlineData("per_stream_rate_only", "{case=\"per_stream_rate_only\", stream=\"hot\"}", false)]
    [InlineData("max_streams_five_at_once", "{case=\"max_streams_five_at_once\", stream=\"4\"}", true)]
    [InlineData("too_far_behind_GGL", "{case=\"too_far_behind_GGL\", stream=\"2\"}", false)]
    public void Read_ErrorOfAnIngester_NamesTheStream(string name, string expected, bool refusesNewStreams)
    {
        using JsonDocument recording = JsonDocument.Parse(File.ReadAllText(Path.Combine(Recordings.Loki, name + ".json")));
        JsonElement response = recording.RootElement.GetProperty("response");

        PushAnswer answer = LokiAnswers.Read(response.GetProperty("status").GetInt32(), response.GetProperty("body").GetString()!.Trim());

        Assert.True(answer.Names(expected));
        Assert.False(answer.Names("{case=\"another\"}"));
        Assert.Equal(refusesNewStreams, answer.RefusesNewStreams);
    }

    /// <summary>Loki adds a label with a number to the shards of a fast stream.</summary>
    [Fact]
    public void Names_ShardOfAStream_MatchesTheStream()
    {
        PushAnswer answer = LokiAnswers.Read(429, "Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{__stream_shard__=\"3\", pod=\"a\", service_name=\"x\"}' totaling 1B");

        Assert.True(answer.Names("{pod=\"a\"}"));
        Assert.False(answer.Names("{pod=\"b\"}"));
    }

    [Theory]
    [InlineData("a\\u00a0b\\u200bc", "a\u00a0b\u200bc")]
    [InlineData("\\U0001f600\\U000e0001", "\U0001f600\U000e0001")]
    [InlineData("\\\\u00a0 \\\"", "\\u00a0 \"")]
    [InlineData("\\t\\a\\x00\\n\\x7f", "\t\a\0\n\x7f")]
    [InlineData("\\ud800", "\\ud800")]
    public void Names_LabelEscapedByGo_MatchesTheStream(string written, string value)
    {
        var answer = new PushAnswer(PushVerdict.StreamRefused, "429", Stream: $"{{filename=\"{written}\"}}");

        Assert.Equal(written != value, answer.Names(StreamLabels.Create([KeyValuePair.Create("filename", value)]).Selector));
    }

    [Theory]
    [InlineData(500, "empty ring", false)]
    [InlineData(500, "something else", true)]
    [InlineData(502, "", true)]
    [InlineData(503, "", true)]
    [InlineData(429, "ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec)", false)]
    [InlineData(429, "Per stream rate limit exceeded", true)]
    public void Read_Failure_SaysWhetherRecordsMayBeStored(int status, string body, bool expected)
    {
        PushAnswer answer = LokiAnswers.Read(status, body);

        Assert.Equal(expected ? PushVerdict.Unconfirmed : PushVerdict.NotStored, answer.Verdict);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(301)]
    [InlineData(403)]
    [InlineData(418)]
    public void Read_UnexpectedStatus_ReturnsMisconfigured(int status) =>
        Assert.Equal(PushVerdict.Misconfigured, LokiAnswers.Read(status, "<html>who knows</html>").Verdict);
}
