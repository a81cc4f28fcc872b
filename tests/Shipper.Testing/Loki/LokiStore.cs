using System.Globalization;
using System.Text;
using Shipper.Protocol;

namespace Shipper.Testing.Loki;

/// <summary>
/// What happens to a push behind the HTTP endpoint: the distributor's checks, then one ingester's, with the messages and the
/// order of Loki 3.7.6, as recorded. Also that an ingester's refusal is only told when the request's last stream is refused.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
public sealed class LokiStore(LokiLimits limits, TimeProvider time)
{
    private const int MaxReasons = 10;
    private const long NanosecondsPerTick = 100;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly Dictionary<string, StoredStream> _streams = new(StringComparer.Ordinal);
    private readonly List<(string Kind, string Text)> _errors = [];

    public IReadOnlyCollection<StoredStream> Streams => _streams.Values;

    /// <summary>Takes a push.</summary>
    /// <param name="request">The request.</param>
    /// <param name="user">The tenant; <c>fake</c> without multi-tenancy.</param>
    /// <returns>Status and body of the answer.</returns>
    public (int Status, string Body) Push(PushRequest request, string user)
    {
        if (request.Streams.Count == 0)
        {
            return (422, "error at least one valid stream is required for ingestion\n");
        }

        _errors.Clear();
        var accepted = new List<(List<KeyValuePair<string, string>> Labels, List<EntryAdapter> Entries)>();
        foreach (StreamAdapter stream in request.Streams)
        {
            List<KeyValuePair<string, string>> labels;
            try
            {
                labels = LabelSet.Normalise(LabelSet.Parse(stream.Labels));
            }
            catch (FormatException e)
            {
                return (400, e.Message + "\n");
            }

            if (stream.Entries.Count > 0 && IsValid(labels))
            {
                accepted.Add((labels, [.. stream.Entries.Where(entry => IsValid(labels, entry))]));
            }
        }

        long bytes = accepted.Sum(stream => stream.Entries.Sum(entry => (long)Encoding.UTF8.GetByteCount(entry.Line)));
        if (bytes > limits.BurstBytes)
        {
            int lines = accepted.Sum(stream => stream.Entries.Count);
            return (429, string.Create(CultureInfo.InvariantCulture, $"ingestion rate limit exceeded for user {user} (limit: {limits.RateBytes} bytes/sec) while attempting to ingest '{lines}' lines totaling '{bytes}' bytes, reduce log volume or contact your Loki administrator to see if the limit can be increased\n"));
        }

        int size = request.CalculateSize();
        if (size > limits.MaxRequestBytes)
        {
            return (500, string.Create(CultureInfo.InvariantCulture, $"rpc error: code = ResourceExhausted desc = grpc: received message larger than max ({size} vs. {limits.MaxRequestBytes})\n"));
        }

        (int Status, string Body)? last = null;
        foreach ((List<KeyValuePair<string, string>> labels, List<EntryAdapter> entries) in accepted)
        {
            last = Ingest(labels, entries, user);
        }

        return _errors.Count > 0 ? (400, FormatErrors()) : last ?? (204, "");
    }

    private static long ToNanoseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;

    private static long TimestampOf(EntryAdapter entry) =>
        entry.Timestamp is null ? 0 : (entry.Timestamp.Seconds * NanosecondsPerSecond) + entry.Timestamp.Nanos;

    private static string Rfc3339(long timestampNs) =>
        new DateTime(DateTime.UnixEpoch.Ticks + (timestampNs / NanosecondsPerTick), DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>As Go's time.Time.String does.</summary>
    private static string GoTime(long timestampNs)
    {
        string second = new DateTime(DateTime.UnixEpoch.Ticks + (timestampNs / NanosecondsPerTick), DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        string fraction = (timestampNs % NanosecondsPerSecond).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return fraction.Length == 0 ? $"{second} +0000 UTC" : $"{second}.{fraction} +0000 UTC";
    }

    private bool IsValid(List<KeyValuePair<string, string>> labels)
    {
        string shown = LabelSet.Format(labels);
        int names = labels.Count(label => label.Key != "service_name");
        if (names > limits.MaxLabelNames)
        {
            return Refuse("label_names", $"entry for stream '{shown}' has {names} label names; limit {limits.MaxLabelNames}");
        }

        for (int i = 0; i < labels.Count; i++)
        {
            if (Encoding.UTF8.GetByteCount(labels[i].Key) > limits.MaxLabelNameBytes)
            {
                return Refuse("label_name", $"stream '{shown}' has label name too long: '{labels[i].Key}'");
            }

            if (Encoding.UTF8.GetByteCount(labels[i].Value) > limits.MaxLabelValueBytes)
            {
                return Refuse("label_value", $"stream '{shown}' has label value too long: '{labels[i].Value}'");
            }

            if (i > 0 && labels[i].Key == labels[i - 1].Key)
            {
                return Refuse("label_twice", $"stream '{shown}' has duplicate label name: '{labels[i].Key}'");
            }
        }

        return true;
    }

    private bool IsValid(List<KeyValuePair<string, string>> labels, EntryAdapter entry)
    {
        string shown = LabelSet.Format(labels);
        long timestampNs = TimestampOf(entry);
        DateTimeOffset now = time.GetUtcNow();
        long oldestNs = ToNanoseconds(now - limits.MaxAge);
        if (timestampNs < oldestNs)
        {
            return Refuse("too_old", $"entry for stream '{shown}' has timestamp too old: {Rfc3339(timestampNs)}, oldest acceptable timestamp is: {Rfc3339(oldestNs)}");
        }

        if (timestampNs > ToNanoseconds(now + limits.GracePeriod))
        {
            return Refuse("too_new", $"entry for stream '{shown}' has timestamp too new: {Rfc3339(timestampNs)}");
        }

        int length = Encoding.UTF8.GetByteCount(entry.Line);
        if (length > limits.MaxLineBytes)
        {
            return Refuse("line", string.Create(CultureInfo.InvariantCulture, $"max entry size '{limits.MaxLineBytes}' bytes exceeded for stream '{shown}' while adding an entry with length '{length}' bytes"));
        }

        if (entry.StructuredMetadata.Count == 0)
        {
            return true;
        }

        if (!limits.AllowsMetadata)
        {
            return Refuse("metadata", $"stream '{shown}' includes structured metadata, but this feature is disallowed. Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it");
        }

        int metadataBytes = entry.StructuredMetadata.Sum(pair => Encoding.UTF8.GetByteCount(pair.Name) + Encoding.UTF8.GetByteCount(pair.Value));
        if (metadataBytes > limits.MaxMetadataBytes)
        {
            return Refuse("metadata_size", string.Create(CultureInfo.InvariantCulture, $"stream '{shown}' has structured metadata too large: '{metadataBytes}' bytes, limit: '{limits.MaxMetadataBytes}' bytes. Please see `limits_config.max_structured_metadata_size` or contact your Loki administrator to increase it"));
        }

        return entry.StructuredMetadata.Count <= limits.MaxMetadataCount
            || Refuse("metadata_count", string.Create(CultureInfo.InvariantCulture, $"stream '{shown}' has too many structured metadata labels: '{entry.StructuredMetadata.Count}', limit: '{limits.MaxMetadataCount}'. Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it"));
    }

    private bool Refuse(string kind, string text)
    {
        _errors.Add((kind, text));
        return false;
    }

    private string FormatErrors()
    {
        if (_errors.Count == 1)
        {
            return _errors[0].Text + "\n";
        }

        IEnumerable<string> groups = _errors.GroupBy(error => error.Kind)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} errors like: {group.First().Text}"));
        return string.Join("; ", groups) + "\n";
    }

    /// <summary>One ingester's part. Its answer stands only until the request's next stream.</summary>
    private (int Status, string Body)? Ingest(List<KeyValuePair<string, string>> labels, List<EntryAdapter> entries, string user)
    {
        string key = LabelSet.Format(labels);
        if (!_streams.TryGetValue(key, out StoredStream? stream))
        {
            if (_streams.Count >= limits.MaxStreams)
            {
                return (429, $"maximum active stream limit exceeded when trying to create stream {key}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: '{user}'\n");
            }

            stream = new StoredStream(labels);
            _streams.Add(key, stream);
        }

        if (limits.IsOverRate?.Invoke(key) == true)
        {
            // All or nothing of a stream.
            IEnumerable<string> ignored = entries.Take(MaxReasons).Select(entry => string.Create(
                CultureInfo.InvariantCulture,
                $"entry with timestamp {GoTime(TimestampOf(entry))} ignored, reason: 'Per stream rate limit exceeded (limit: 10KB/sec) while attempting to ingest for stream '{key}' totaling {Encoding.UTF8.GetByteCount(entry.Line)}B, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased',\n"));
            return (429, $"{string.Concat(ignored)}user '{user}', total ignored: {entries.Count} out of {entries.Count} for stream: {key}\n");
        }

        int refused = 0;
        var reasons = new StringBuilder();
        long behindNs = (long)limits.MaxBehind.TotalSeconds * NanosecondsPerSecond;
        foreach (EntryAdapter entry in entries)
        {
            long timestampNs = TimestampOf(entry);
            if (stream.NewestNs != long.MinValue && timestampNs < stream.NewestNs - behindNs)
            {
                if (refused++ < MaxReasons)
                {
                    reasons.Append(CultureInfo.InvariantCulture, $"entry with timestamp {GoTime(timestampNs)} ignored, reason: 'entry too far behind, entry timestamp is: {Rfc3339(timestampNs)}, oldest acceptable timestamp is: {Rfc3339(stream.NewestNs - behindNs)}',\n");
                }

                continue;
            }

            string metadata = string.Join(',', entry.StructuredMetadata.Select(pair => $"{pair.Name}={pair.Value}"));
            stream.Add(new StoredEntry(timestampNs, entry.Line, metadata));
        }

        return refused == 0
            ? null
            : (400, string.Create(CultureInfo.InvariantCulture, $"{reasons}user '{user}', total ignored: {refused} out of {entries.Count} for stream: {key}\n"));
    }
}
