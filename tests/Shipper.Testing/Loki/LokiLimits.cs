namespace Shipper.Testing.Loki;

/// <summary>The limits of a Loki with default settings (limits_config of Loki 3.7).</summary>
public sealed class LokiLimits
{
    /// <summary>The release whose messages are used; 4.0 means the branch main.</summary>
    public Version Release { get; set; } = new(3, 7, 6);

    /// <summary>shard_streams.enabled. If true, an ingester accepts all entries of a stream or none; otherwise it counts the rate entry by entry.</summary>
    public bool ShardsStreams { get; set; } = true;

    /// <summary>unordered_writes. If false, no entry of a stream may be older than the previous one.</summary>
    public bool UnorderedWrites { get; set; } = true;

    /// <summary>reject_old_samples.</summary>
    public bool RejectsOld { get; set; } = true;

    /// <summary>enforced_labels: the labels that every stream must have.</summary>
    public IReadOnlyList<string> EnforcedLabels { get; set; } = [];

    /// <summary>
    /// Returns the blocked policy that applies to a stream, given its labels. Null means none; an empty name means that the whole tenant is blocked.
    /// </summary>
    public Func<string, string?>? BlockedPolicy { get; set; }

    /// <summary>block_ingestion_status_code.</summary>
    public int BlockedStatus { get; set; } = 260;

    public int MaxLineBytes { get; set; } = 262_144;

    public int MaxLabelNames { get; set; } = 15;

    public int MaxLabelNameBytes { get; set; } = 1024;

    public int MaxLabelValueBytes { get; set; } = 2048;

    public TimeSpan MaxAge { get; set; } = TimeSpan.FromHours(168);

    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How much older than the newest entry of its stream an entry may be: half of max_chunk_age.</summary>
    public TimeSpan MaxBehind { get; set; } = TimeSpan.FromHours(1);

    public int MaxMetadataBytes { get; set; } = 65_536;

    public int MaxMetadataCount { get; set; } = 128;

    public bool AllowsMetadata { get; set; } = true;

    public int MaxStreams { get; set; } = 5000;

    /// <summary>
    /// Uncompressed size of the block within which Loki drops an entry equal to an earlier one. With 0, every copy is kept, so that tests can see it.
    /// </summary>
    public int BlockBytes { get; set; } = 262_144;

    /// <summary>Largest gRPC message between distributor and ingester, in bytes.</summary>
    public int MaxRequestBytes { get; set; } = 4_194_304;

    /// <summary>Returns true if a stream, given its labels, exceeds its rate (per_stream_rate_limit). Null means that no stream does.</summary>
    public Func<string, bool>? IsOverRate { get; set; }

    /// <summary>
    /// True to enforce rates. They are off by default, so that tests need not wait. A request above the burst is always refused.
    /// </summary>
    public bool EnforcesRates { get; set; }

    /// <summary>Burst of a tenant: ingestion_burst_size_mb.</summary>
    public long BurstBytes { get; set; } = 6 * 1024 * 1024;

    /// <summary>Rate of a tenant per second: ingestion_rate_mb.</summary>
    public long RateBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>per_stream_rate_limit_burst.</summary>
    public long StreamBurstBytes { get; set; } = 15 * 1024 * 1024;

    /// <summary>per_stream_rate_limit.</summary>
    public long StreamRateBytes { get; set; } = 3 * 1024 * 1024;

    /// <summary>Number of ingesters that the streams are spread over, without replication.</summary>
    public int Ingesters { get; set; } = 1;

    /// <summary>Returns true if an ingester, given its number, is down. Null means that none is.</summary>
    public Func<int, bool>? IsIngesterDown { get; set; }

    /// <summary>
    /// Returns true if an ingester, given its number, refuses the last stream of its part because of its rate. This is the stream that it reports. Null means
    /// that none does.
    /// </summary>
    public Func<int, bool>? RefusesLast { get; set; }

    /// <summary>
    /// How long after the first refusal the other ingesters store their parts; zero means before the response. The sender does not learn of it.
    /// </summary>
    public TimeSpan OtherIngestersDelay { get; set; }

    /// <summary>
    /// Number of shards that each stream is split into (shard_streams), entry by entry, with a label that identifies the shard; 1 means no sharding.
    /// </summary>
    public int Shards { get; set; } = 1;

    /// <summary>Most entries that one query returns: max_entries_limit_per_query.</summary>
    public int MaxQueryEntries { get; set; } = 5000;

    /// <summary>Longest time range of one query: max_query_length.</summary>
    public TimeSpan MaxQueryLength { get; set; } = TimeSpan.FromHours(721);

    /// <summary>Maximum age at which a query finds entries that are not flushed yet: query_ingesters_within.</summary>
    public TimeSpan QueryIngestersWithin { get; set; } = TimeSpan.FromHours(3);

    /// <summary>True if multi-tenancy is on: requests without a tenant header are refused.</summary>
    public bool AuthEnabled { get; set; }
}
