namespace Shipper.Loki;

/// <summary>When a batch is complete: section <c>loki.batch</c> of the configuration.</summary>
internal sealed class BatchOptions
{
    /// <summary>
    /// A request and one line of the largest size must stay below this many bytes: Loki's distributor passes them on by gRPC,
    /// which refuses 4 MiB for ever.
    /// </summary>
    public const long MaxRequestBytes = 3584 * 1024;

    /// <summary>Uncompressed bytes of one request. The last record may exceed it.</summary>
    public long Size { get; set; } = 1024 * 1024;

    /// <summary>The longest that a record waits for its batch to fill: so long after the last push a partial batch goes.</summary>
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(1);
}
