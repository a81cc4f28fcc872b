using System.Globalization;

namespace Shipper.Delivery;

/// <summary>What <see cref="LokiHealth"/> knows of an outage that lasts.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LokiOutage
{
    public required DateTimeOffset Since { get; init; }

    public required long SinceTimestamp { get; init; }

    /// <summary>Bytes that were lost before the outage began.</summary>
    public required long LostBytes { get; init; }

    public LokiFailureKind Kind { get; set; }

    public string Status { get; set; } = "";

    public string Message { get; set; } = "";

    public string? Remedy { get; set; }

    /// <summary>Number of records of the last request that failed.</summary>
    public int Records { get; set; }

    /// <summary>Retries after which the records are dropped; 0 if they are not.</summary>
    public int MaxRetries { get; set; }

    public DateTimeOffset? NextRetry { get; set; }

    public bool IsLogged { get; set; }

    /// <summary>True if an error was logged because of the configuration.</summary>
    public bool WasUrgent { get; set; }

    public string Response => $"{Status} {Message}";

    /// <summary>Returns what happens to the records while Loki accepts none.</summary>
    /// <param name="lostBytes">Bytes that are lost by now.</param>
    public string DescribeLoss(long lostBytes)
    {
        long lost = lostBytes - LostBytes;
        return lost > 0 ? string.Create(CultureInfo.InvariantCulture, $"{lost} unread bytes are lost (shipper_lost_bytes_total)")
            : MaxRetries > 0 ? string.Create(CultureInfo.InvariantCulture, $"each batch is dropped after {MaxRetries} retries (loki.retry.limit)")
            : "nothing is lost";
    }
}
