using Microsoft.Extensions.Logging;

namespace Shipper.Tailing.Losses;

internal static partial class LossEvents
{
    [LoggerMessage(LogLevel.Error, "{bytes} bytes of {path} ({stream}) are gone before they were read: {reason}")]
    public static partial void BytesLost(ILogger logger, string path, string stream, long bytes, string reason);

    [LoggerMessage(LogLevel.Warning, "{path} ({stream}) was read up to byte {offset} and is gone, or was emptied. What was written to it while the agent was away, if anything, is lost and can't be counted. Keep more rotated files, or move them to a directory that the agent can list")]
    public static partial void FileGone(ILogger logger, string path, string stream, long offset);

    [LoggerMessage(LogLevel.Warning, "Skipped {bytes} NUL bytes in {path} ({stream}). A power loss leaves them in place of lost lines. A truncation leaves them under a writer that does not append: let it open its file with O_APPEND. Skipped NUL bytes of this file are only counted from now on")]
    public static partial void NulsSkipped(ILogger logger, string path, string stream, long bytes);
}
