namespace Shipper.Testing.Loki;

/// <summary>The limits of a Loki with default settings (limits_config of Loki 3.7).</summary>
public sealed class LokiLimits
{
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

    /// <summary>The most that gRPC lets through between distributor and ingester.</summary>
    public int MaxRequestBytes { get; set; } = 4_194_304;

    /// <summary>Tells of a stream, by its labels, whether it is over its rate (per_stream_rate_limit); null: none is.</summary>
    public Func<string, bool>? IsOverRate { get; set; }

    public long BurstBytes { get; set; } = 6 * 1024 * 1024;

    public long RateBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Multi-tenancy: without the header nothing is accepted.</summary>
    public bool AuthEnabled { get; set; }
}
