using Microsoft.Extensions.Logging;

namespace Shipper.Tailing;

internal static partial class TailingEvents
{
    [LoggerMessage(LogLevel.Error, "Deleted files with {bytes} bytes on the disk, not all of them acknowledged, were only held open and could not be saved in time; what is unread in them is lost with this stop")]
    public static partial void HeldFilesLost(ILogger logger, long bytes);

    [LoggerMessage(LogLevel.Information, "Saved what is not acknowledged of {files} files that were deleted, or go with their pod; the next start reads it first")]
    public static partial void HeldFilesSaved(ILogger logger, int files);

    [LoggerMessage(LogLevel.Error, "Can't save {path}, which is deleted or goes with its pod: {error}. What is unread in it is lost with this stop")]
    public static partial void HeldFileNotSaved(ILogger logger, string path, string error);

    [LoggerMessage(LogLevel.Error, "Can't read {path}, the saved copy of a deleted file: {error}")]
    public static partial void CopyUnreadable(ILogger logger, string path, string error);

    [LoggerMessage(LogLevel.Error, "Too many open files: logs take turns, since the agent may have only {limit} files open. A file that is deleted between two turns is lost. Raise the limit: ulimit -n, LimitNOFILE= of a systemd unit, or that of the container runtime")]
    public static partial void TooManyOpenFiles(ILogger logger, ulong limit);

    [LoggerMessage(LogLevel.Debug, "Found {path}, {size} bytes, reading from {offset}")]
    public static partial void FileFound(ILogger logger, string path, long size, long offset);

    [LoggerMessage(LogLevel.Debug, "{path}, {size} bytes, is known under another name or from before; reading goes on at {offset}")]
    public static partial void FileRecognised(ILogger logger, string path, long size, long offset);

    [LoggerMessage(LogLevel.Error, "Can't read {path}: {error}. {remedy}")]
    public static partial void FileUnreadable(ILogger logger, string path, string error, string remedy);

    [LoggerMessage(LogLevel.Warning, "Can't read {path}: only gzip can be decompressed. Lines in it that were not sent before are lost. Compress with gzip, or let rotation wait (logrotate: delaycompress)")]
    public static partial void FileCompressed(ILogger logger, string path);

    [LoggerMessage(LogLevel.Information, "{path} was truncated; its new content is read from the start")]
    public static partial void FileTruncated(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "{bytes} bytes of {path} ({stream}) are gone before they were read: {reason}")]
    public static partial void BytesLost(ILogger logger, string path, string stream, long bytes, string reason);

    [LoggerMessage(LogLevel.Warning, "Skipped {bytes} NUL bytes in {path} ({stream}). A power loss leaves them in place of lost lines. A truncation leaves them under a writer that does not append: let it open its file with O_APPEND. Skipped NUL bytes of this file are only counted from now on")]
    public static partial void NulsSkipped(ILogger logger, string path, string stream, long bytes);

    [LoggerMessage(LogLevel.Warning, "{path} looks like UTF-16, but has no byte order mark: its lines are sent undecoded. Let its writer use UTF-8, or begin the file with the mark")]
    public static partial void EncodingUnknown(ILogger logger, string path);

    [LoggerMessage(LogLevel.Warning, "{path} ({stream}) was read up to byte {offset} and is gone, or was emptied. What was written to it while the agent was away, if anything, is lost and can't be counted. Keep more rotated files, or move them to a directory that the agent can list")]
    public static partial void FileGone(ILogger logger, string path, string stream, long offset);

    [LoggerMessage(LogLevel.Error, "{path} is no valid gzip file beyond byte {offset} of its content: {error}")]
    public static partial void GzipDamaged(ILogger logger, string path, long offset, string error);

    [LoggerMessage(LogLevel.Error, "BUG: reading {stream} failed. It goes on from its last batch in a few seconds; the others are not concerned")]
    public static partial void StreamFailed(ILogger logger, Exception exception, string stream);
}
