using Microsoft.Extensions.Logging;

namespace Shipper.Tailing.Reading;

internal static partial class ReadingEvents
{
    [LoggerMessage(LogLevel.Warning, "{path} looks like UTF-16 but has no byte order mark: its lines are sent undecoded. Make its writer use UTF-8, or begin the file with a byte order mark")]
    public static partial void EncodingUnknown(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "{path} is not a valid gzip file after byte {offset} of its uncompressed content: {error}")]
    public static partial void GzipDamaged(ILogger logger, string path, long offset, string error);
}
