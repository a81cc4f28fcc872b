using System.Globalization;
using System.Text;
using Shipper.Protocol;

namespace Shipper.Testing.Loki;

/// <summary>
/// Handles a push behind the HTTP endpoint: the checks of the distributor, then those of the ingesters, with the messages and in the
/// order of Loki 3.7.6, as recorded. <see cref="LokiLimits.Release"/> selects the messages of other releases. As in Loki, an ingester reports a refusal only
/// if it refuses the last stream that it received, and the first ingester that refuses ends the push, regardless of the others.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class LokiStore(LokiLimits limits, TimeProvider time)
{
    private const long NanosecondsPerTick = 100;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly LokiIngesters _ingesters = new(limits, time);
    private readonly List<string> _errors = [];
    private readonly Dictionary<string, TokenBucket> _tenantRates = new(StringComparer.Ordinal);

    public IReadOnlyCollection<StoredStream> Streams => _ingesters.Streams;

    /// <summary>Handles a push.</summary>
    /// <param name="request">The request.</param>
    /// <param name="user">The tenant; <c>fake</c> without multi-tenancy.</param>
    /// <returns>The status and the body of the response.</returns>
    public (int Status, string Body) Push(PushRequest request, string user)
    {
        if (request.Streams.Count == 0)
        {
            return (422, "error at least one valid stream is required for ingestion\n");
        }

        var words = new LokiMessages(limits.Release);
        string? blocked = null;
        _errors.Clear();
        var accepted = new List<PushedStream>();
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

            if (stream.Entries.Count == 0 || !IsValid(labels))
            {
                continue;
            }

            string[] missing = [.. limits.EnforcedLabels.Where(name => !labels.Exists(label => label.Key == name))];
            if (missing.Length > 0)
            {
                _errors.Add(words.LabelsMissing(LabelSet.Format(labels), string.Join(',', missing), user, "global"));
                continue;
            }

            if (limits.BlockedPolicy?.Invoke(LabelSet.Format(labels)) is { } policy)
            {
                blocked = words.Blocked(user, policy.Length == 0 ? null : policy, "2030-01-01T00:00:00Z", limits.BlockedStatus);
                continue;
            }

            try
            {
                var valid = new PushedStream(labels, [.. stream.Entries.Where(entry => IsValid(words, labels, entry)).Select(entry => (entry, Store(entry)))]);
                if (valid.Entries.Count > 0)
                {
                    accepted.AddRange(Shard(valid));
                }
            }
            catch (FormatException e)
            {
                return (500, e.Message + "\n");
            }
        }

        long bytes = accepted.Sum(stream => stream.Bytes);
        if (!HasTenantRoom(user, bytes))
        {
            int lines = accepted.Sum(stream => stream.Entries.Count);
            return (429, words.TenantRate(user, limits.RateBytes, lines, bytes) + "\n");
        }

        int size = request.CalculateSize();
        if (size > limits.MaxRequestBytes)
        {
            return (500, string.Create(CultureInfo.InvariantCulture, $"rpc error: code = ResourceExhausted desc = grpc: received message larger than max ({size} vs. {limits.MaxRequestBytes})\n"));
        }

        // A refusal of an ingester ends the push at once. Invalid entries are reported only after all ingesters are done.
        return _ingesters.Push(accepted, user)
            ?? (_errors.Count > 0 ? (400, LokiMessages.Group(_errors) + "\n") : blocked is not null && limits.BlockedStatus != 200 ? (limits.BlockedStatus, blocked + "\n") : (204, ""));
    }

    /// <summary>Returns the number of the ingester that has a stream.</summary>
    /// <param name="labels">The labels, as sent.</param>
    public int FindIngester(string labels) => _ingesters.Find(LabelSet.Normalise(LabelSet.Parse(labels)));

    /// <summary>
    /// Returns and clears the parts that ingesters store after the response. Call each of them after <see cref="LokiLimits.OtherIngestersDelay"/>.
    /// </summary>
    public IReadOnlyList<Action> TakeDelayedWrites() => _ingesters.TakeDelayedWrites();

    /// <summary>Handles <c>query_range</c>.</summary>
    public (int Status, string Body) Query(IReadOnlyDictionary<string, string> parameters, out IReadOnlyList<QueriedStream> page) =>
        LokiQueryRange.Query(_ingesters.Streams, parameters, limits, ToNanoseconds(time.GetUtcNow()), out page);

    private IEnumerable<PushedStream> Shard(PushedStream stream) => limits.Shards == 1 ? [stream]
        : stream.Entries.Select((entry, index) => (Entry: entry, Shard: index % limits.Shards)).GroupBy(entry => entry.Shard).Select(shard => new PushedStream(
            LabelSet.Normalise([.. stream.Labels, new("__stream_shard__", shard.Key.ToString(CultureInfo.InvariantCulture))]), [.. shard.Select(entry => entry.Entry)]));

    private static long ToNanoseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;

    private static long TimestampOf(EntryAdapter entry) =>
        entry.Timestamp is null ? 0 : (entry.Timestamp.Seconds * NanosecondsPerSecond) + entry.Timestamp.Nanos;

    private bool IsValid(List<KeyValuePair<string, string>> labels)
    {
        string shown = LabelSet.Format(labels);
        int names = labels.Count(label => label.Key != "service_name");
        if (names > limits.MaxLabelNames)
        {
            return Refuse(LokiMessages.LabelNames(shown, names, limits.MaxLabelNames));
        }

        for (int i = 0; i < labels.Count; i++)
        {
            if (Encoding.UTF8.GetByteCount(labels[i].Key) > limits.MaxLabelNameBytes)
            {
                return Refuse(LokiMessages.LabelNameTooLong(shown, labels[i].Key));
            }

            if (Encoding.UTF8.GetByteCount(labels[i].Value) > limits.MaxLabelValueBytes)
            {
                return Refuse(LokiMessages.LabelValueTooLong(shown, labels[i].Value));
            }

            if (i > 0 && labels[i].Key == labels[i - 1].Key)
            {
                return Refuse(LokiMessages.LabelTwice(shown, labels[i].Key));
            }
        }

        return true;
    }

    private bool IsValid(LokiMessages words, List<KeyValuePair<string, string>> labels, EntryAdapter entry)
    {
        string shown = LabelSet.Format(labels);
        long timestampNs = TimestampOf(entry);
        DateTimeOffset now = time.GetUtcNow();
        long oldestNs = ToNanoseconds(now - limits.MaxAge);
        if (limits.RejectsOld && timestampNs < oldestNs)
        {
            return Refuse(LokiMessages.TooOld(shown, timestampNs, oldestNs));
        }

        if (timestampNs > ToNanoseconds(now + limits.GracePeriod))
        {
            return Refuse(LokiMessages.TooNew(shown, timestampNs));
        }

        int length = Encoding.UTF8.GetByteCount(entry.Line);
        if (length > limits.MaxLineBytes)
        {
            return Refuse(words.LineTooLong(shown, limits.MaxLineBytes, length));
        }

        if (entry.StructuredMetadata.Count == 0)
        {
            return true;
        }

        if (!limits.AllowsMetadata)
        {
            return Refuse(words.MetadataNotAllowed(shown));
        }

        int metadataBytes = entry.StructuredMetadata.Sum(pair => Encoding.UTF8.GetByteCount(pair.Name) + Encoding.UTF8.GetByteCount(pair.Value));
        if (metadataBytes > limits.MaxMetadataBytes)
        {
            return Refuse(words.MetadataTooLarge(shown, metadataBytes, limits.MaxMetadataBytes));
        }

        return entry.StructuredMetadata.Count <= limits.MaxMetadataCount || Refuse(words.MetadataTooMany(shown, entry.StructuredMetadata.Count, limits.MaxMetadataCount));
    }

    private bool Refuse(string text)
    {
        _errors.Add(text);
        return false;
    }

    private static StoredEntry Store(EntryAdapter entry)
    {
        if (entry.StructuredMetadata.Count == 0)
        {
            return new StoredEntry(TimestampOf(entry), entry.Line, "");
        }

        EntryMetadata.Check(entry.StructuredMetadata);
        string metadata = string.Join(',', entry.StructuredMetadata.Select(pair => $"{pair.Name}={pair.Value}"));
        return new StoredEntry(TimestampOf(entry), entry.Line, metadata) { Pairs = [.. entry.StructuredMetadata.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))] };
    }

    private bool HasTenantRoom(string user, long bytes)
    {
        if (!limits.EnforcesRates)
        {
            return bytes <= limits.BurstBytes;
        }

        if (!_tenantRates.TryGetValue(user, out TokenBucket? bucket))
        {
            bucket = new TokenBucket(limits.RateBytes, limits.BurstBytes, time);
            _tenantRates.Add(user, bucket);
        }

        return bucket.TryTake(bytes);
    }
}
