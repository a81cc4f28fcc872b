namespace Shipper.Loki;

/// <summary>When a batch is complete: section <c>loki.batch</c> of the configuration.</summary>
internal sealed class BatchOptions
{
    /// <summary>
    /// Upper bound in bytes of a request together with one line of the largest size: Loki's distributor forwards them over gRPC, which never accepts 4 MiB.
    /// </summary>
    public const long MaxRequestBytes = 3584 * 1024;

    /// <summary>Uncompressed size of one request in bytes. The last record may exceed it.</summary>
    public long Size { get; set; } = 1024 * 1024;

    /// <summary>Maximum time that a record waits for its batch to fill: a partial batch is sent this long after the last push.</summary>
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(1);
}
