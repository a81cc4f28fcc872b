using System.Globalization;

namespace Shipper.Testing.Loki;

/// <summary>
/// The messages of a release of Loki when it refuses something. Source: grafana/loki, pkg/validation/validate.go, pkg/chunkenc/interface.go and
/// pkg/util/http.go at the tags of the releases.
/// </summary>
/// <param name="release">The release; 4.0 means the branch main.</param>
public sealed class LokiMessages(Version release)
{
    /// <summary>The first release whose messages begin with a lower-case letter.</summary>
    private static readonly Version SmallLetters = new(3, 5, 6);

    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    private bool IsSmall => release >= SmallLetters;

    public string TenantRate(string user, long limit, int lines, long bytes) => string.Create(
        Culture, $"{(IsSmall ? "ingestion" : "Ingestion")} rate limit exceeded for user {user} (limit: {limit} bytes/sec) while attempting to ingest '{lines}' lines totaling '{bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased");

    /// <summary>The message for the rate limit of a policy, since 4.0.</summary>
    public static string PolicyRate(string user, string policy, long limit, int lines, long bytes) => string.Create(
        Culture, $"ingestion rate limit exceeded for user {user}, policy {policy} (limit: {limit} bytes/sec) while attempting to ingest '{lines}' lines totaling '{bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased");

    /// <summary>The message for several limits at once, since 4.0.</summary>
    public static string SeveralRates(string user, string policy, long limit, int lines, long bytes) => string.Create(
        Culture, $"ingestion rate limit exceeded for user {user} across multiple buckets: the tenant default (limit: {limit} bytes/sec) ingesting {lines} lines totaling {bytes} bytes; policy \"{policy}\" (limit: {limit} bytes/sec) ingesting {lines} lines totaling {bytes} bytes; reduce log volume or contact your Loki administrator to see if the limits can be increased");

    public static string StreamRate(string labels, long limit, long bytes) => string.Create(
        Culture, $"Per stream rate limit exceeded (limit: {GoFormat.Size(limit)}/sec) while attempting to ingest for stream '{labels}' totaling {GoFormat.Size(bytes)}, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased");

    public string StreamLimit(string labels, string user) =>
        $"{(IsSmall ? "maximum" : "Maximum")} active stream limit exceeded{(release >= new Version(3, 1) ? $" when trying to create stream {labels}" : "")}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: '{user}'";

    public string LineTooLong(string labels, int limit, int length) => string.Create(
        Culture, $"{(IsSmall ? "max" : "Max")} entry size '{limit}' bytes exceeded for stream '{labels}' while adding an entry with length '{length}' bytes");

    public static string TooOld(string labels, long timestampNs, long oldestNs) =>
        $"entry for stream '{labels}' has timestamp too old: {GoFormat.Rfc3339(timestampNs)}, oldest acceptable timestamp is: {GoFormat.Rfc3339(oldestNs)}";

    public static string TooNew(string labels, long timestampNs) => $"entry for stream '{labels}' has timestamp too new: {GoFormat.Rfc3339(timestampNs)}";

    public static string LabelNames(string labels, int names, int limit) => string.Create(Culture, $"entry for stream '{labels}' has {names} label names; limit {limit}");

    public static string LabelNameTooLong(string labels, string name) => $"stream '{labels}' has label name too long: '{name}'";

    public static string LabelValueTooLong(string labels, string value) => $"stream '{labels}' has label value too long: '{value}'";

    public static string LabelTwice(string labels, string name) => $"stream '{labels}' has duplicate label name: '{name}'";

    public string MetadataNotAllowed(string labels) =>
        $"stream '{labels}' includes structured metadata, but this feature is disallowed. Please see `limits_config.{(release >= new Version(3, 1) ? "allow_structured_metadata" : "structured_metadata")}` or contact your Loki administrator to enable it{(IsSmall ? "" : ".")}";

    public string MetadataTooLarge(string labels, int bytes, int limit) => string.Create(
        Culture, $"stream '{labels}' has structured metadata too large: '{bytes}' bytes, limit: '{limit}' bytes. Please see `limits_config.{(release >= new Version(3, 1) ? "max_structured_metadata_size" : "structured_metadata_max_size")}` or contact your Loki administrator to increase it{(IsSmall ? "" : ".")}");

    public string MetadataTooMany(string labels, int count, int limit) => string.Create(
        Culture, $"stream '{labels}' has too many structured metadata labels: '{count}', limit: '{limit}'. Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it{(IsSmall ? "" : ".")}");

    /// <summary>A message of 3.4 and later.</summary>
    public string LabelsMissing(string labels, string names, string user, string policy) =>
        release >= new Version(3, 7) ? $"missing required labels '{names}' for user '{user}' for stream '{labels}' (policy: '{policy}')"
        : release >= new Version(3, 5) ? $"missing required labels {names} for user {user} for stream {labels}"
        : $"missing required labels {names} for user {user}";

    /// <summary>A message of 3.2 and later. It names a policy since 3.5.</summary>
    public string Blocked(string user, string? policy, string until, int status) => release >= new Version(3, 7)
        ? string.Create(Culture, $"ingestion blocked for user '{user}'{(policy is null ? "" : $" (policy: '{policy}')")} until '{until}' with status code '{status}'")
        : string.Create(Culture, $"ingestion blocked for user {user} until '{until}' with status code '{status}'");

    public string TooFarBehind(long timestampNs, long oldestNs) => release >= new Version(3, 1)
        ? $"entry too far behind, entry timestamp is: {GoFormat.Rfc3339(timestampNs)}, oldest acceptable timestamp is: {GoFormat.Rfc3339(oldestNs)}"
        : $"entry too far behind, oldest acceptable timestamp is: {GoFormat.Rfc3339(oldestNs)}";

    /// <summary>Returns the line for one of several entries that an ingester refused.</summary>
    public static string Ignored(long timestampNs, string reason) => $"entry with timestamp {GoFormat.Time(timestampNs)} ignored, reason: '{reason}',\n";

    /// <summary>Returns the text after the list of refused entries.</summary>
    public static string TotalIgnored(string user, int ignored, int total, string labels) => string.Create(Culture, $"user '{user}', total ignored: {ignored} out of {total} for stream: {labels}");

    /// <summary>Joins the errors of entries and counts equal ones (util.GroupedErrors).</summary>
    public static string Group(IReadOnlyCollection<string> errors)
    {
        List<IGrouping<string, string>> groups = [.. errors.GroupBy(error => error, StringComparer.Ordinal)];
        return string.Join("; ", groups.Select(group => groups.Count > 1 || group.Count() > 1 ? string.Create(Culture, $"{group.Count()} errors like: {group.Key}") : group.Key));
    }
}
