using Microsoft.Extensions.Logging;

namespace Shipper.Delivery;

internal static partial class DeliveryEvents
{
    [LoggerMessage(LogLevel.Debug, "Push of {records} records failed: {status} {message}. Retrying within {seconds} s")]
    public static partial void Retrying(ILogger logger, int records, string status, string message, double seconds);

    [LoggerMessage(LogLevel.Warning, "Loki can't be reached since {since}: {records} records wait, {loss}, next retry within {seconds} s: {status} {message}")]
    public static partial void Unavailable(ILogger logger, string since, int records, string loss, double seconds, string status, string message);

    [LoggerMessage(LogLevel.Warning, "Loki refuses pushes since {since}: {records} records wait, {loss}, next retry within {seconds} s: {status} {message}")]
    public static partial void Refused(ILogger logger, string since, int records, string loss, double seconds, string status, string message);

    [LoggerMessage(LogLevel.Error, "Pushes can't succeed with this configuration: {status} {message}. {remedy}. Since {since}: {records} records wait, {loss}, next retry within {seconds} s")]
    public static partial void Misconfigured(ILogger logger, string status, string message, string? remedy, string since, int records, string loss, double seconds);

    [LoggerMessage(LogLevel.Warning, "Some pushes fail and are retried: {failures} of the last {pushes}. The last response: {status} {message}")]
    public static partial void SomePushesFail(ILogger logger, int failures, int pushes, string status, string message);

    [LoggerMessage(LogLevel.Information, "Loki has acknowledged the first batch: {records} records, {bytes} bytes compressed, pushed to {url}")]
    public static partial void FirstBatchAcknowledged(ILogger logger, int records, int bytes, Uri url);

    [LoggerMessage(LogLevel.Warning, "A push of {records} records is too large for Loki or for a proxy in front of it: {status} {message}. Sending smaller requests; lower loki.batch.size or raise that limit")]
    public static partial void TooLarge(ILogger logger, int records, string status, string message);

    [LoggerMessage(LogLevel.Warning, "Loki refuses a single record of {bytes} bytes of {stream}: {status} {message}. Its stream is paused. The record is dropped after {times} refusals while Loki accepts other records, but for status 500 not within the first hour")]
    public static partial void SingleRecordRefused(ILogger logger, int bytes, string stream, string status, string message, int times);

    [LoggerMessage(LogLevel.Information, "Loki accepts pushes again after {duration}")]
    public static partial void Recovered(ILogger logger, string duration);

    [LoggerMessage(LogLevel.Error, "Dropped {records} records ({reason}): {status} {message}. Streams: {streams}")]
    public static partial void RecordsDropped(ILogger logger, int records, string reason, string status, string message, string streams);

    [LoggerMessage(LogLevel.Information, "Asked Loki for unconfirmed records: it has {found} of them; resending {missing}")]
    public static partial void Asked(ILogger logger, int found, int missing);

    [LoggerMessage(LogLevel.Debug, "Query failed: {message}. Asking again within {seconds} s")]
    public static partial void AskingAgain(ILogger logger, string message, double seconds);

    [LoggerMessage(LogLevel.Warning, "Loki did not answer which records it already has: {message}. Records that it may have are not sent until it does; asking again within {seconds} s")]
    public static partial void AskingFailed(ILogger logger, string message, double seconds);

    [LoggerMessage(LogLevel.Warning, "Can't ask Loki which records it already has: {message}. Unconfirmed records are resent and may be stored twice (shipper_possible_duplicate_records_total). Allow queries with these credentials, or set loki.confirmResends to false")]
    public static partial void CannotAsk(ILogger logger, string message);

    [LoggerMessage(LogLevel.Warning, "Loki refused {records} records because their timestamps are {how}: {status} {message}. They are resent with timestamps that Loki accepts; the structured metadata original_timestamp keeps their own. Judging by Loki's responses, this node's clock is {seconds:0} s ahead of Loki's. Check the clocks of the node, the container runtime and Loki (NTP)")]
    public static partial void Retimed(ILogger logger, int records, string how, string status, string message, double seconds);

    [LoggerMessage(LogLevel.Warning, "Loki does not allow structured metadata: {status} {message}. Records are sent without it, original_timestamp included; nothing is dropped. Set limits_config.allow_structured_metadata in Loki, with schema v13 or later, or set loki.structuredMetadata to off. Trying again every {minutes:0} minutes")]
    public static partial void MetadataNotAllowed(ILogger logger, string status, string message, double minutes);

    [LoggerMessage(LogLevel.Information, "Loki allows structured metadata again")]
    public static partial void MetadataAllowed(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "The structured metadata of {records} records exceeds Loki's limits: {status} {message}. They are resent without it")]
    public static partial void MetadataTooLarge(ILogger logger, int records, string status, string message);
}
