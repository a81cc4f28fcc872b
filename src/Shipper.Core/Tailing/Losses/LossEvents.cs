using Microsoft.Extensions.Logging;

namespace Shipper.Tailing.Losses;

internal static partial class LossEvents
{
    [LoggerMessage(LogLevel.Error, "{bytes} bytes of {path} ({stream}) were lost before they were read: {reason}")]
    public static partial void BytesLost(ILogger logger, string path, string stream, long bytes, string reason);

    [LoggerMessage(LogLevel.Warning, "{path} ({stream}) was read up to byte {offset} and has been deleted or emptied since. Anything written to it while the agent was not running is lost and can't be counted. Keep more rotated files, or move them to a directory that the agent can list")]
    public static partial void FileVanished(ILogger logger, string path, string stream, long offset);

    [LoggerMessage(LogLevel.Warning, "Skipped {bytes} NUL bytes in {path} ({stream}). A power loss leaves NULs in place of lost lines. A truncation leaves them if the writer does not append: make it open the file with O_APPEND. Further NUL bytes in this file are counted but not reported")]
    public static partial void NulsSkipped(ILogger logger, string path, string stream, long bytes);
}
