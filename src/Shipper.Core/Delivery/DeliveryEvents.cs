using Microsoft.Extensions.Logging;

namespace Shipper.Delivery;

internal static partial class DeliveryEvents
{
    [LoggerMessage(LogLevel.Warning, "Loki did not take a request of {records} records: {status} {message}. Sending it again in at most {seconds} s")]
    public static partial void Retrying(ILogger logger, int records, string status, string message, double seconds);

    [LoggerMessage(LogLevel.Error, "Loki can't take anything as it is configured: {status} {message}. {remedy}. Nothing is dropped; the batch is sent again in at most {seconds} s")]
    public static partial void Misconfigured(ILogger logger, string status, string message, string? remedy, double seconds);

    [LoggerMessage(LogLevel.Warning, "A request of {records} records is too large for Loki, or for something on the way to it: {status} {message}. Requests are made smaller; lower loki.batch.size, or raise that limit")]
    public static partial void TooLarge(ILogger logger, int records, string status, string message);

    [LoggerMessage(LogLevel.Warning, "One record of {bytes} bytes, of {stream}, is refused by itself: {status} {message}. Its stream waits; it is dropped when others were taken {times} times meanwhile, because of a 500 after an hour at the earliest")]
    public static partial void RefusedAlone(ILogger logger, int bytes, string stream, string status, string message, int times);

    [LoggerMessage(LogLevel.Information, "Loki takes batches again")]
    public static partial void Recovered(ILogger logger);

    [LoggerMessage(LogLevel.Error, "{records} records are dropped ({reason}): {status} {message}. They were of {streams}")]
    public static partial void RecordsDropped(ILogger logger, int records, string reason, string status, string message, string streams);

    [LoggerMessage(LogLevel.Information, "Asked Loki what it has of requests without a clear answer: {found} records are there, {missing} are sent again")]
    public static partial void Asked(ILogger logger, int found, int missing);

    [LoggerMessage(LogLevel.Warning, "Loki does not say what it has: {message}. Nothing that it may have is sent before it does; asking again in at most {seconds} s")]
    public static partial void AskingFailed(ILogger logger, string message, double seconds);

    [LoggerMessage(LogLevel.Warning, "Loki can't be asked what it has: {message}. What it leaves open is sent again and may be there twice (shipper_possible_duplicate_records_total). Allow queries with these credentials, or set loki.confirmResends to false")]
    public static partial void CannotAsk(ILogger logger, string message);

    [LoggerMessage(LogLevel.Warning, "Loki refused {records} records because their times are {how}: {status} {message}. They are sent with times that it takes; their own are in the structured metadata original_timestamp. By Loki's answers this node's clock is {seconds:0} s ahead of Loki's. Check the clocks of the node, of the containers' runtime and of Loki (NTP)")]
    public static partial void Retimed(ILogger logger, int records, string how, string status, string message, double seconds);

    [LoggerMessage(LogLevel.Warning, "Loki does not allow structured metadata: {status} {message}. Records are sent without it, also original_timestamp; nothing is dropped. Set limits_config.allow_structured_metadata, with schema v13 or later, or set loki.structuredMetadata to off. It is tried again every {minutes:0} minutes")]
    public static partial void MetadataNotAllowed(ILogger logger, string status, string message, double minutes);

    [LoggerMessage(LogLevel.Information, "Loki allows structured metadata again")]
    public static partial void MetadataAllowed(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "The structured metadata of {records} records is more than Loki takes: {status} {message}. They are sent without it")]
    public static partial void MetadataTooLarge(ILogger logger, int records, string status, string message);
}
