using Microsoft.Extensions.Logging;

namespace Shipper.Tailing.Held;

internal static partial class HeldEvents
{
    [LoggerMessage(LogLevel.Error, "Deleted files with {bytes} bytes on disk were only held open and could not be saved in time. Their unacknowledged bytes are lost when the agent exits")]
    public static partial void HeldFilesLost(ILogger logger, long bytes);

    [LoggerMessage(LogLevel.Information, "Saved the unacknowledged bytes of {files} files that were deleted, or will be deleted with their pod; the next start reads them first")]
    public static partial void HeldFilesSaved(ILogger logger, int files);

    [LoggerMessage(LogLevel.Error, "Can't save {path}, which was deleted or will be deleted with its pod: {error}. Its unacknowledged bytes are lost when the agent exits")]
    public static partial void HeldFileNotSaved(ILogger logger, string path, string error);
}
