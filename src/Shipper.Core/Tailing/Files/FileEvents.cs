using Microsoft.Extensions.Logging;

namespace Shipper.Tailing.Files;

internal static partial class FileEvents
{
    [LoggerMessage(LogLevel.Error, "Can't read {path}, the saved copy of a deleted file: {error}")]
    public static partial void CopyUnreadable(ILogger logger, string path, string error);

    [LoggerMessage(LogLevel.Debug, "Found {path}, {size} bytes, reading from {offset}")]
    public static partial void FileFound(ILogger logger, string path, long size, long offset);

    [LoggerMessage(LogLevel.Debug, "Recognized {path}, {size} bytes, by its content; reading resumes at {offset}")]
    public static partial void FileRecognized(ILogger logger, string path, long size, long offset);

    [LoggerMessage(LogLevel.Error, "Can't read {path}: {error}. {remedy}")]
    public static partial void FileUnreadable(ILogger logger, string path, string error, string remedy);

    [LoggerMessage(LogLevel.Information, "{path} was truncated; the agent reads its new content from the start")]
    public static partial void FileTruncated(ILogger logger, string path);
}
