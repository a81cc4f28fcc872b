using System.Globalization;
using System.Text;
using Shipper.Protocol;

namespace Shipper.Testing.Loki;

/// <summary>
/// The ingesters behind a distributor, without replication. The response of an ingester is that of its last stream. The first refusal ends
/// the push; the sender does not learn what the other ingesters did with their parts.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LokiIngesters(LokiLimits limits, TimeProvider time)
{
    private const int MaxReasons = 10;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly Dictionary<string, StoredStream> _streams = new(StringComparer.Ordinal);
    private readonly List<Action> _late = [];

    public IReadOnlyCollection<StoredStream> Streams => _streams.Values;

    private LokiMessages Words => new(limits.Release);

    /// <summary>Returns the number of the ingester that has a stream.</summary>
    public int Find(List<KeyValuePair<string, string>> labels)
    {
        // Not GetHashCode: a test that looks for streams on two ingesters must find the same streams in each run.
        uint hash = Encoding.UTF8.GetBytes(LabelSet.Format(labels)).Aggregate(2_166_136_261, (hash, next) => (hash ^ next) * 16_777_619);
        return (int)(hash % (uint)limits.Ingesters);
    }

    /// <summary>Returns and clears the parts to be stored after the response.</summary>
    public IReadOnlyList<Action> TakeDelayedWrites()
    {
        List<Action> late = [.. _late];
        _late.Clear();
        return late;
    }

    /// <summary>Ingests the streams that the distributor accepted.</summary>
    /// <returns>The first refusal; null if every ingester reports success.</returns>
    public (int Status, string Body)? Push(List<PushedStream> accepted, string user)
    {
        (int Status, string Body)? first = null;
        List<IGrouping<int, PushedStream>> parts = [.. accepted.GroupBy(stream => Find(stream.Labels)).OrderBy(part => part.Key)];

        // An ingester that is down is noticed first. The order of the others is arbitrary; here, the one that refuses responds first.
        foreach (IGrouping<int, PushedStream> part in parts.Where(part => limits.IsIngesterDown?.Invoke(part.Key) == true))
        {
            first ??= (500, string.Create(CultureInfo.InvariantCulture, $"rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp 10.0.0.{part.Key + 1}:9095: connect: connection refused\"\n"));
        }

        foreach (IGrouping<int, PushedStream> part in parts.Where(part => limits.IsIngesterDown?.Invoke(part.Key) != true).OrderByDescending(WouldRefuse))
        {
            if (first is not null && limits.OtherIngestersDelay > TimeSpan.Zero)
            {
                _late.Add(() => IngestPart(part, user));
                continue;
            }

            (int, string)? answer = IngestPart(part, user);
            if (first is null && answer is not null)
            {
                first = answer;
            }
        }

        return first;
    }

    /// <summary>Guesses, without storing anything, whether an ingester will refuse its part, so that refusals come first.</summary>
    private bool WouldRefuse(IGrouping<int, PushedStream> part)
    {
        PushedStream last = part.Last();
        string key = LabelSet.Format(last.Labels);
        return limits.RefusesLast?.Invoke(part.Key) == true || WouldRefuse(last, key);
    }

    private bool WouldRefuse(PushedStream last, string key) =>
        !_streams.TryGetValue(key, out StoredStream? stream) ? _streams.Count >= limits.MaxStreams || limits.IsOverRate?.Invoke(key) == true
            : limits.IsOverRate?.Invoke(key) == true
            || (limits.EnforcesRates && stream.Rate?.HasRoom(last.Bytes) == false)
            || last.Entries.Exists(entry => entry.Stored.TimestampNs < stream.NewestNs - ((long)limits.MaxBehind.TotalSeconds * NanosecondsPerSecond));

    /// <summary>Ingests the part of one ingester. The result of a stream is overwritten by that of the next stream.</summary>
    private (int Status, string Body)? IngestPart(IGrouping<int, PushedStream> part, string user)
    {
        (int, string)? last = null;
        PushedStream? refused = limits.RefusesLast?.Invoke(part.Key) == true ? part.Last() : null;
        foreach (PushedStream stream in part)
        {
            last = Ingest(stream, user, stream == refused);
        }

        return last;
    }

    private (int Status, string Body)? Ingest(PushedStream pushed, string user, bool isOverRate)
    {
        string key = LabelSet.Format(pushed.Labels);
        if (!_streams.TryGetValue(key, out StoredStream? stream))
        {
            if (_streams.Count >= limits.MaxStreams)
            {
                return (429, Words.StreamLimit(key, user) + "\n");
            }

            stream = new StoredStream(pushed.Labels, limits.BlockBytes);
            _streams.Add(key, stream);
        }

        stream.Rate ??= new TokenBucket(limits.StreamRateBytes, limits.StreamBurstBytes, time);
        bool isOver = isOverRate || limits.IsOverRate?.Invoke(key) == true;
        if (isOver || (limits.EnforcesRates && limits.ShardsStreams && !stream.Rate.TryTake(pushed.Bytes)))
        {
            // A stream is accepted or refused as a whole.
            IEnumerable<string> ignored = pushed.Entries.Take(MaxReasons).Select(entry => LokiMessages.Ignored(
                entry.Stored.TimestampNs, LokiMessages.StreamRate(key, limits.StreamRateBytes, EntryMetadata.CountBytes(entry.Sent))));
            return (429, $"{string.Concat(ignored)}{LokiMessages.TotalIgnored(user, pushed.Entries.Count, pushed.Entries.Count, key)}\n");
        }

        int refused = 0;
        bool isLastOverRate = false;
        var reasons = new StringBuilder();
        long behindNs = limits.UnorderedWrites ? (long)limits.MaxBehind.TotalSeconds * NanosecondsPerSecond : 0;
        foreach ((EntryAdapter sent, StoredEntry entry) in pushed.Entries)
        {
            // Without sharding, the rate counts entry by entry.
            bool isOverNow = limits.EnforcesRates && !limits.ShardsStreams && !stream.Rate.TryTake(EntryMetadata.CountBytes(sent));
            if (!isOverNow && (stream.NewestNs == long.MinValue || entry.TimestampNs >= stream.NewestNs - behindNs))
            {
                stream.Add(entry);
                continue;
            }

            isLastOverRate = isOverNow;
            if (refused++ < MaxReasons)
            {
                reasons.Append(LokiMessages.Ignored(entry.TimestampNs, isOverNow ? LokiMessages.StreamRate(key, limits.StreamRateBytes, EntryMetadata.CountBytes(sent))
                    : limits.UnorderedWrites ? Words.TooFarBehind(entry.TimestampNs, stream.NewestNs - behindNs) : "entry out of order"));
            }
        }

        return refused == 0 ? null : (isLastOverRate ? 429 : 400, $"{reasons}{LokiMessages.TotalIgnored(user, refused, pushed.Entries.Count, key)}\n");
    }
}
