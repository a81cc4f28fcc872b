namespace Shipper.Testing.Loki;

/// <summary>The limits of a Loki with default settings (limits_config of Loki 3.7).</summary>
public sealed class LokiLimits
{
    /// <summary>The release whose words it uses; 4.0 stands for main.</summary>
    public Version Release { get; set; } = new(3, 7, 6);

    /// <summary>shard_streams.enabled: an ingester takes all of a stream's entries or none, else it counts entry by entry.</summary>
    public bool ShardsStreams { get; set; } = true;

    /// <summary>unordered_writes; without it no entry of a stream may be older than the one before it.</summary>
    public bool UnorderedWrites { get; set; } = true;

    /// <summary>reject_old_samples.</summary>
    public bool RejectsOld { get; set; } = true;

    /// <summary>enforced_labels: what every stream must have.</summary>
    public IReadOnlyList<string> EnforcedLabels { get; set; } = [];

    /// <summary>Tells of a stream, by its labels, which blocked policy it falls under; null: none, and empty: the whole tenant.</summary>
    public Func<string, string?>? BlockedPolicy { get; set; }

    /// <summary>block_ingestion_status_code.</summary>
    public int BlockedStatus { get; set; } = 260;

    public int MaxLineBytes { get; set; } = 262_144;

    public int MaxLabelNames { get; set; } = 15;

    public int MaxLabelNameBytes { get; set; } = 1024;

    public int MaxLabelValueBytes { get; set; } = 2048;

    public TimeSpan MaxAge { get; set; } = TimeSpan.FromHours(168);

    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How far behind its stream's newest an entry may lie: half of max_chunk_age.</summary>
    public TimeSpan MaxBehind { get; set; } = TimeSpan.FromHours(1);

    public int MaxMetadataBytes { get; set; } = 65_536;

    public int MaxMetadataCount { get; set; } = 128;

    public bool AllowsMetadata { get; set; } = true;

    public int MaxStreams { get; set; } = 5000;

    /// <summary>
    /// Uncompressed size of the block in which an equal entry is noticed and left out; 0: every copy is kept, so that a test sees it.
    /// </summary>
    public int BlockBytes { get; set; } = 262_144;

    /// <summary>The most that gRPC lets through between distributor and ingester.</summary>
    public int MaxRequestBytes { get; set; } = 4_194_304;

    /// <summary>Tells of a stream, by its labels, whether it is over its rate (per_stream_rate_limit); null: none is.</summary>
    public Func<string, bool>? IsOverRate { get; set; }

    /// <summary>
    /// Whether the rates hold; off, so that tests need not wait for them. A request above the burst is refused in any case.
    /// </summary>
    public bool HasRates { get; set; }

    /// <summary>Of a tenant: ingestion_burst_size_mb.</summary>
    public long BurstBytes { get; set; } = 6 * 1024 * 1024;

    /// <summary>Of a tenant, for each second: ingestion_rate_mb.</summary>
    public long RateBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>per_stream_rate_limit_burst.</summary>
    public long StreamBurstBytes { get; set; } = 15 * 1024 * 1024;

    /// <summary>per_stream_rate_limit.</summary>
    public long StreamRateBytes { get; set; } = 3 * 1024 * 1024;

    /// <summary>How many ingesters the streams are spread over, without replication.</summary>
    public int Ingesters { get; set; } = 1;

    /// <summary>Tells of an ingester whether it is down; null: none is.</summary>
    public Func<int, bool>? IsIngesterDown { get; set; }

    /// <summary>
    /// Tells of an ingester whether it finds the last stream of its part over its rate, which is the one that it tells of; null: none does.
    /// </summary>
    public Func<int, bool>? RefusesLast { get; set; }

    /// <summary>
    /// How long after the first refusal the other ingesters store their part; zero: before the answer. It is never heard of.
    /// </summary>
    public TimeSpan OtherIngestersDelay { get; set; }

    /// <summary>Into how many shards each stream is split (shard_streams), entry by entry, with a label that tells them apart; 1: none.</summary>
    public int Shards { get; set; } = 1;

    /// <summary>The most that one query returns: max_entries_limit_per_query.</summary>
    public int MaxQueryEntries { get; set; } = 5000;

    /// <summary>The longest time that one query is about: max_query_length.</summary>
    public TimeSpan MaxQueryLength { get; set; } = TimeSpan.FromHours(721);

    /// <summary>Up to which age a query finds what was not flushed yet: query_ingesters_within.</summary>
    public TimeSpan QueryIngestersWithin { get; set; } = TimeSpan.FromHours(3);

    /// <summary>Multi-tenancy: without the header nothing is accepted.</summary>
    public bool AuthEnabled { get; set; }
}
