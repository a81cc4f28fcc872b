using System.Globalization;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Loki.Behaviour;

/// <summary>
/// What each release of Loki answers, copied from its source (grafana/loki at the tags v2.9.17, v3.0.0, v3.1.0, v3.3.0, v3.4.0, v3.5.5, v3.5.6, v3.6.0, v3.7.6
/// and main), and what the client makes of it.
/// </summary>
public class LokiMessagesTests
{
    private const string S = "{pod=\"a\"}";
    private const string Contact = "or contact your Loki administrator to see if the limit can be increased";

    /// <summary>Release, status, message, verdict; and the kind of refusal for messages that say why entries are refused.</summary>
    public static TheoryData<string, int, string, string, string?> Messages => new()
    {
        { "2.9.17", 429, $"Ingestion rate limit exceeded for user fake (limit: 150000 bytes/sec) while attempting to ingest '7' lines totaling '900' bytes, reduce log volume {Contact}", nameof(PushVerdict.NotStored), null },
        { "3.5.5", 429, $"Ingestion rate limit exceeded for user fake (limit: 150000 bytes/sec) while attempting to ingest '7' lines totaling '900' bytes, reduce log volume {Contact}", nameof(PushVerdict.NotStored), null },
        { "3.5.6", 429, $"ingestion rate limit exceeded for user fake (limit: 150000 bytes/sec) while attempting to ingest '7' lines totaling '900' bytes, reduce log volume {Contact}", nameof(PushVerdict.NotStored), null },
        { "4.0", 429, $"ingestion rate limit exceeded for user fake, policy finance (limit: 150000 bytes/sec) while attempting to ingest '7' lines totaling '900' bytes, reduce log volume {Contact}", nameof(PushVerdict.NotStored), null },
        { "4.0", 429, "ingestion rate limit exceeded for user fake across multiple buckets: the tenant default (limit: 1 bytes/sec) ingesting 7 lines totaling 900 bytes; policy \"ops\" (limit: 1 bytes/sec) ingesting 7 lines totaling 900 bytes; reduce log volume or contact your Loki administrator to see if the limits can be increased", nameof(PushVerdict.NotStored), null },
        { "3.7.6", 429, $"rpc error: code = Code(429) desc = ingestion rate limit exceeded for user fake (limit: 1 bytes/sec) while attempting to ingest '7' lines totaling '900' bytes, reduce log volume {Contact}", nameof(PushVerdict.NotStored), null },
        { "2.9.17", 429, $"entry with timestamp 2026-11-29 08:00:00.5 +0000 UTC ignored, reason: 'Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{S}' totaling 20B, consider splitting a stream via additional labels {Contact}',\nuser 'fake', total ignored: 1 out of 3 for stream: {S}", nameof(PushVerdict.StreamRefused), null },
        { "3.7.6", 429, $"entry with timestamp 2026-11-29 08:00:00.5 +0000 UTC ignored, reason: 'Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{S}' totaling 20B, consider splitting a stream via additional labels {Contact}',\nuser 'fake', total ignored: 3 out of 3 for stream: {S}", nameof(PushVerdict.StreamRefused), null },
        { "2.9.17", 429, $"Maximum active stream limit exceeded, reduce the number of active streams (reduce labels or reduce label values), {Contact}, user: 'fake'", nameof(PushVerdict.StreamRefused), null },
        { "3.3.0", 429, $"Maximum active stream limit exceeded when trying to create stream {S}, reduce the number of active streams (reduce labels or reduce label values), {Contact}, user: 'fake'", nameof(PushVerdict.StreamRefused), null },
        { "3.7.6", 429, $"maximum active stream limit exceeded when trying to create stream {S}, reduce the number of active streams (reduce labels or reduce label values), {Contact}, user: 'fake'", nameof(PushVerdict.StreamRefused), null },
        { "3.6.0", 429, "request exceeded limits", nameof(PushVerdict.StreamRefused), null },
        { "2.9.17", 400, $"Max entry size '65536' bytes exceeded for stream '{S}' while adding an entry with length '70000' bytes", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.LineTooLong) },
        { "3.5.6", 400, $"max entry size '65536' bytes exceeded for stream '{S}' while adding an entry with length '70000' bytes", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.LineTooLong) },
        { "2.9.17", 400, "Error parsing labels '{a=b}' with error: 1:4: parse error: unexpected identifier", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.Labels) },
        { "3.6.0", 400, "error parsing labels '{a=b}' with error: 1:4: parse error: unexpected identifier", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.Labels) },
        { "2.9.17", 400, "couldn't parse labels: 1:4: parse error: unexpected identifier", nameof(PushVerdict.UnreadableLabels), null },
        { "2.9.17", 400, "error at least one label pair is required per stream", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.Labels) },
        { "3.6.0", 422, "error at least one valid stream is required for ingestion", nameof(PushVerdict.Misconfigured), null },
        { "2.9.17", 400, $"entry for stream '{S}' has timestamp too old: 2020-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-11-22T09:00:00+01:00", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.TooOld) },
        { "3.7.6", 400, $"entry for stream '{S}' has timestamp too new: 2026-11-29T08:30:00Z", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.TooNew) },
        { "3.7.6", 400, $"3 errors like: entry for stream '{S}' has timestamp too new: 2026-11-29T08:30:00Z; 2 errors like: entry for stream '{S}' has timestamp too new: 2026-11-29T08:30:01Z", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.TooNew) },
        { "3.7.6", 400, $"entry for stream '{S}' has 16 label names; limit 15", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.Labels) },
        { "3.7.6", 400, $"stream '{S}' has label name too long: 'pod'", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.Labels) },
        { "3.7.6", 400, $"stream '{S}' has label value too long: 'a'", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.Labels) },
        { "3.7.6", 400, $"stream '{S}' has duplicate label name: 'pod'", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.Labels) },
        { "2.9.17", 400, $"stream '{S}' includes structured metadata, but this feature is disallowed. Please see `limits_config.structured_metadata` or contact your Loki administrator to enable it.", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.MetadataNotAllowed) },
        { "3.5.5", 400, $"7 errors like: stream '{S}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it.", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.MetadataNotAllowed) },
        { "3.7.6", 400, $"stream '{S}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.MetadataNotAllowed) },
        { "3.0.0", 400, $"stream '{S}' has structured metadata too large: '70' bytes, limit: '64' bytes. Please see `limits_config.structured_metadata_max_size` or contact your Loki administrator to increase it.", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.MetadataTooLarge) },
        { "3.7.6", 400, $"stream '{S}' has too many structured metadata labels: '3', limit: '2'. Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.MetadataTooMany) },
        { "3.4.0", 400, "missing required labels team,unit for user fake", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.LabelsMissing) },
        { "3.6.0", 400, $"missing required labels team for user fake for stream {S}", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.LabelsMissing) },
        { "3.7.6", 400, $"missing required labels 'team' for user 'fake' for stream '{S}' (policy: 'global')", nameof(PushVerdict.EntriesRefused), nameof(RefusalKind.LabelsMissing) },
        { "2.9.17", 400, $"entry with timestamp 2026-11-29 06:00:00 +0000 UTC ignored, reason: 'entry too far behind, oldest acceptable timestamp is: 2026-11-29T07:00:00Z',\nuser 'fake', total ignored: 1 out of 2 for stream: {S}", nameof(PushVerdict.StreamEntriesRefused), null },
        { "3.7.6", 400, $"entry with timestamp 2026-11-29 06:00:00 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-11-29T06:00:00Z, oldest acceptable timestamp is: 2026-11-29T07:00:00Z',\nuser 'fake', total ignored: 1 out of 2 for stream: {S}", nameof(PushVerdict.StreamEntriesRefused), null },
        { "2.9.17", 400, $"entry with timestamp 2026-11-29 06:00:00 +0000 UTC ignored, reason: 'entry out of order',\nuser 'fake', total ignored: 1 out of 2 for stream: {S}", nameof(PushVerdict.StreamEntriesRefused), null },
        { "3.3.0", 260, "ingestion blocked for user fake until '2030-01-01T00:00:00Z' with status code '260'", nameof(PushVerdict.Blocked), null },
        { "3.7.6", 403, "ingestion blocked for user 'fake' (policy: 'ops') until '2030-01-01T00:00:00Z' with status code '403'", nameof(PushVerdict.Blocked), null },
        { "3.7.6", 429, "ingestion blocked for user 'fake' until '2030-01-01T00:00:00Z' with status code '429'", nameof(PushVerdict.Blocked), null },
        { "3.5.5", 400, "received message larger than max (5000000 vs 4194304)", nameof(PushVerdict.TooLarge), null },
        { "3.6.0", 413, "request body too large: message size too large than max (10002714 vs 8000000)", nameof(PushVerdict.TooLarge), null },
        { "3.7.6", 400, "decompressed message size too large than max (10002714 vs 8000000)", nameof(PushVerdict.TooLarge), null },
        { "3.7.6", 413, "request body too large: compressed message size 9000000 exceeds limit 8000000", nameof(PushVerdict.TooLarge), null },
        { "2.9.17", 500, "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5002633 vs. 4194304)", nameof(PushVerdict.Unconfirmed), null },
        { "2.9.17", 500, "empty ring", nameof(PushVerdict.NotStored), null },
        { "2.9.17", 500, "Ingester is shutting down", nameof(PushVerdict.Unconfirmed), null },
        { "4.0", 503, "circuit breaker open, request denied", nameof(PushVerdict.Unconfirmed), null },
        { "4.0", 503, "The server cannot accept more requests at this time.", nameof(PushVerdict.Unconfirmed), null },
        { "nginx", 429, "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n<center><h1>429 Too Many Requests</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>", nameof(PushVerdict.Unconfirmed), null },
        { "envoy", 429, "local_rate_limited", nameof(PushVerdict.Unconfirmed), null },
        { "traefik", 429, "Too Many Requests", nameof(PushVerdict.Unconfirmed), null },
        { "nginx", 413, "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>", nameof(PushVerdict.TooLarge), null },
        { "nginx", 502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>", nameof(PushVerdict.Unconfirmed), null },
        { "envoy", 503, "upstream connect error or disconnect/reset before headers. reset reason: connection failure", nameof(PushVerdict.Unconfirmed), null },
        { "ingress", 404, "default backend - 404", nameof(PushVerdict.Misconfigured), null },
        { "unknown", 400, "something that no release says", nameof(PushVerdict.Misconfigured), null },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Read_MessageOfARelease_ReturnsTheVerdict(string release, int status, string text, string verdict, string? kind)
    {
        PushAnswer answer = LokiAnswers.Read(status, text);

        Assert.Equal($"{release}: {verdict}", $"{release}: {answer.Verdict}");
        Assert.Equal(kind, answer.Errors?.All.Select(error => error.Kind.ToString()).Distinct().Single());
    }

    /// <summary>The case of the first letter differs between releases and must not matter.</summary>
    [Theory]
    [MemberData(nameof(Messages))]
    public void Read_FirstLetterInOtherCase_ReturnsTheSameVerdict(string release, int status, string text, string verdict, string? kind)
    {
        bool isHtml = text.StartsWith('<');
        string changed = isHtml ? text : char.IsUpper(text[0]) ? char.ToLowerInvariant(text[0]) + text[1..] : char.ToUpperInvariant(text[0]) + text[1..];

        Assert.Equal($"{release}: {verdict}", $"{release}: {LokiAnswers.Read(status, changed).Verdict}");
        Assert.Equal(kind, LokiAnswers.Read(status, changed).Errors?.All.Select(error => error.Kind.ToString()).Distinct().Single());
    }

    /// <summary>The double's messages of each release are in the table.</summary>
    [Fact]
    public void LokiWords_EachRelease_EqualTheMessagesOfTheRelease()
    {
        string[] texts = [.. Messages.Select(row => row.Data.Item3)];
        long old = Time("2020-01-01T00:00:00Z");
        LokiMessages Of(string release) => new(new Version(release));

        foreach (string said in (string[])
        [
            Of("2.9.17").TenantRate("fake", 150_000, 7, 900), Of("3.5.6").TenantRate("fake", 150_000, 7, 900), LokiMessages.PolicyRate("fake", "finance", 150_000, 7, 900), LokiMessages.SeveralRates("fake", "ops", 1, 7, 900),
            Of("2.9.17").StreamLimit(S, "fake"), Of("3.3.0").StreamLimit(S, "fake"), Of("3.7.6").StreamLimit(S, "fake"),
            Of("2.9.17").LineTooLong(S, 65_536, 70_000), Of("3.5.6").LineTooLong(S, 65_536, 70_000),
            LokiMessages.TooNew(S, Time("2026-11-29T08:30:00Z")), LokiMessages.LabelNames(S, 16, 15), LokiMessages.LabelNameTooLong(S, "pod"), LokiMessages.LabelValueTooLong(S, "a"), LokiMessages.LabelTwice(S, "pod"),
            Of("2.9.17").MetadataNotAllowed(S), Of("3.7.6").MetadataNotAllowed(S), Of("3.0.0").MetadataTooLarge(S, 70, 64), Of("3.7.6").MetadataTooMany(S, 3, 2),
            Of("3.4.0").LabelsMissing(S, "team,unit", "fake", "global"), Of("3.6.0").LabelsMissing(S, "team", "fake", "global"), Of("3.7.6").LabelsMissing(S, "team", "fake", "global"),
            Of("3.3.0").Blocked("fake", null, "2030-01-01T00:00:00Z", 260), Of("3.7.6").Blocked("fake", "ops", "2030-01-01T00:00:00Z", 403),
            LokiMessages.Ignored(Time("2026-11-29T06:00:00Z"), Of("2.9.17").TooFarBehind(0, Time("2026-11-29T07:00:00Z"))) + LokiMessages.TotalIgnored("fake", 1, 2, S),
            LokiMessages.Ignored(Time("2026-11-29T06:00:00Z"), Of("3.7.6").TooFarBehind(Time("2026-11-29T06:00:00Z"), Time("2026-11-29T07:00:00Z"))) + LokiMessages.TotalIgnored("fake", 1, 2, S),
            LokiMessages.Ignored(Time("2026-11-29T08:00:00.5Z"), LokiMessages.StreamRate(S, 3 << 20, 20)) + LokiMessages.TotalIgnored("fake", 3, 3, S),
            LokiMessages.Group([.. Enumerable.Repeat(Of("3.5.5").MetadataNotAllowed(S), 7)]),
        ])
        {
            Assert.Contains(said, texts);
        }

        Assert.Equal($"entry for stream '{S}' has timestamp too old: 2020-01-01T00:00:00Z, oldest acceptable timestamp is: 2020-01-01T00:00:00Z", LokiMessages.TooOld(S, old, old));
    }

    /// <summary>The name of a pod, a file or a tenant may contain any text.</summary>
    [Theory]
    [InlineData(400, "entry for stream '{filename=\"/var/log/max entry size/includes structured metadata, but.log\"}' has timestamp too new: 2026-11-29T08:30:00Z", RefusalKind.TooNew)]
    [InlineData(400, "max entry size '5' bytes exceeded for stream '{a=\"' has timestamp too old: ; 9 errors like: \"}' while adding an entry with length '6' bytes", RefusalKind.LineTooLong)]
    [InlineData(400, "stream '{a=\"couldn't parse labels} total ignored: 5 out of 5 for stream: {\"}' has duplicate label name: 'a'", RefusalKind.Labels)]
    public void Read_LabelContainsAMessage_IgnoresIt(int status, string text, object kind)
    {
        ValidationError error = Assert.Single(LokiAnswers.Read(status, text).Errors!.All);

        Assert.Equal((kind, 1), (error.Kind, error.Count));
    }

    [Theory]
    [InlineData("maximum active stream limit exceeded when trying to create stream {a=\"ingestion rate limit exceeded\"}, reduce", PushVerdict.StreamRefused)]
    [InlineData("ingestion rate limit exceeded for user total ignored: 1 out of 1 for stream: {} (limit: 1 bytes/sec)", PushVerdict.NotStored)]
    public void Read_LabelIn429ContainsAMessage_IgnoresIt(string text, object verdict) => Assert.Equal(verdict, LokiAnswers.Read(429, text).Verdict);

    [Fact]
    public void Read_SeveralErrors_ReturnsCountAndLimitOfEach()
    {
        const string Text = "2 errors like: entry for stream '{a=\"1\"}' has timestamp too new: 2026-11-29T08:30:07Z; 1 errors like: entry for stream '{a=\"2\"}' has timestamp too new: 2026-11-29T08:30:05Z; "
            + "3 errors like: entry for stream '{a=\"1\"}' has timestamp too old: 2020-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-11-22T10:00:00+02:00; 1 errors like: max entry size '9' bytes exceeded for stream '{a=\"1\"}' while adding an entry with length '10' bytes; "
            + "1 errors like: stream '{a=\"3\"}' has label value too long: 'x'";

        ValidationErrors errors = LokiAnswers.Read(400, Text).Errors!;

        Assert.True(errors.IsComplete);
        Assert.Equal((3, 3, 1, 1), (errors.CountOf(RefusalKind.TooNew), errors.CountOf(RefusalKind.TooOld), errors.CountOf(RefusalKind.LineTooLong), errors.CountOf(RefusalKind.Labels)));
        Assert.Equal(Time("2026-11-29T08:30:05Z"), errors.Find(RefusalKind.TooNew)!.Value.Limit);
        Assert.Equal(Time("2026-11-22T08:00:00Z"), errors.Find(RefusalKind.TooOld)!.Value.Limit);
        Assert.Equal(9, errors.Find(RefusalKind.LineTooLong)!.Value.Limit);
        Assert.Equal("{a=\"3\"}", errors.Find(RefusalKind.Labels)!.Value.Stream);
    }

    [Theory]
    [InlineData("5 errors like: entry for stream '{a=\"1\"}' has a quality that no release knows; 1 errors like: max entry size '9' bytes exceeded for stream '{a=\"1\"}' while adding an entry with length '10' bytes", false)]
    [InlineData("5 errors like: something else", false)]
    [InlineData("5 errors like: max entry size '9' bytes exceeded for stream '{a=\"1\"}' while adding an entry with length '10' bytes", true)]
    public void Read_UnknownErrorAmongSeveral_IsNotComplete(string text, bool expected) => Assert.Equal(expected, LokiAnswers.Read(400, text).Errors!.IsComplete);

    [Fact]
    public void Read_ResponseIsCutOff_IsNotComplete() => Assert.False(
        LokiAnswers.Read(400, "2 errors like: max entry size '9' bytes exceeded for stream '{a=\"1\"}' while adding an entry with length '10' bytes; 3 errors li", isCut: true).Errors!.IsComplete);

    [Theory]
    [InlineData("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>", "Bad Gateway (an HTML page, not from Loki)")]
    [InlineData("<!DOCTYPE html><html><body><style>p {}</style><p>Sign   in</p></body></html>", "Sign in (an HTML page, not from Loki)")]
    [InlineData("<html></html>", "with an HTML page")]
    [InlineData("", "with an empty body")]
    public void Create_HtmlPage_ShowsItsTitle(string body, string expected) => Assert.Equal(expected, AnswerMessage.Create("502", body));

    [Fact]
    public void Create_LongPage_LeavesRoomForTheRemedy() => Assert.InRange(AnswerMessage.Create("403", $"<html><title>{new string('x', 3000)}</title></html>").Length, 1, 150);

    private static long Time(string text) => UnixTime.ToNanoseconds(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture));
}
