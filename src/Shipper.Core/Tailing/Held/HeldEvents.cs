using Microsoft.Extensions.Logging;

namespace Shipper.Tailing.Held;

internal static partial class HeldEvents
{
    [LoggerMessage(LogLevel.Error, "Deleted files with {bytes} bytes on the disk, not all of them acknowledged, were only held open and could not be saved in time; what is unread in them is lost with this stop")]
    public static partial void HeldFilesLost(ILogger logger, long bytes);

    [LoggerMessage(LogLevel.Information, "Saved what is not acknowledged of {files} files that were deleted, or go with their pod; the next start reads it first")]
    public static partial void HeldFilesSaved(ILogger logger, int files);

    [LoggerMessage(LogLevel.Error, "Can't save {path}, which is deleted or goes with its pod: {error}. What is unread in it is lost with this stop")]
    public static partial void HeldFileNotSaved(ILogger logger, string path, string error);
}
