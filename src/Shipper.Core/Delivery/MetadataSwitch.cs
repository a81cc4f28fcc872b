using Microsoft.Extensions.Logging;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Decides whether records are sent with structured metadata. While Loki does not allow it, one record is sent with it every ten minutes, as a trial.
/// </summary>
/// <remarks>Thread-safe: all lanes share it.</remarks>
internal sealed class MetadataSwitch(LokiOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan TrialInterval = TimeSpan.FromMinutes(10);

    private long _refusedAt;
    private int _isRefused;

    /// <summary>True if Loki did not allow metadata the last time that it was sent.</summary>
    public bool IsRefused => Volatile.Read(ref _isRefused) == 1;

    /// <summary>True if new batches must be encoded without metadata. When a trial is due, they are encoded with it.</summary>
    public bool IsOmitted => options.StructuredMetadata == StructuredMetadata.Off || (IsRefused && !IsTrialDue);

    private bool IsTrialDue => time.GetElapsedTime(Volatile.Read(ref _refusedAt)) >= TrialInterval;

    /// <summary>Returns true if the caller must now send one record with its metadata, to find out whether Loki allows it again.</summary>
    public bool TryBeginTrial()
    {
        long refusedAt = Volatile.Read(ref _refusedAt);
        return IsRefused && IsTrialDue && Interlocked.CompareExchange(ref _refusedAt, time.GetTimestamp(), refusedAt) == refusedAt;
    }

    /// <summary>Notes that Loki does not allow metadata.</summary>
    public void OnRefused(PushAnswer answer)
    {
        Volatile.Write(ref _refusedAt, time.GetTimestamp());
        if (Interlocked.Exchange(ref _isRefused, 1) == 0)
        {
            DeliveryEvents.MetadataNotAllowed(logger, answer.Status, answer.Message, TrialInterval.TotalMinutes);
        }
    }

    /// <summary>Notes that Loki accepted a record with metadata.</summary>
    public void OnAccepted()
    {
        if (Interlocked.Exchange(ref _isRefused, 0) == 1)
        {
            DeliveryEvents.MetadataAllowed(logger);
        }
    }
}
