using Microsoft.Extensions.Logging;

namespace Shipper.Discovery;

internal static partial class DiscoveryEvents
{
    [LoggerMessage(LogLevel.Error, "Can't list {directory}: {error}. {remedy}")]
    public static partial void DirectoryUnreadable(ILogger logger, string directory, string error, string remedy);

    [LoggerMessage(LogLevel.Information, "No files match {glob}: {directory} does not exist. The agent checks for it at each scan")]
    public static partial void DirectoryMissing(ILogger logger, string glob, string directory);

    [LoggerMessage(LogLevel.Warning, "{path} is already read as {other}, and a log is sent only once. Exclude it from one of the sources")]
    public static partial void ReadTwice(ILogger logger, string path, string other);

    [LoggerMessage(LogLevel.Error, "{path} points to {target}, but {missing} does not exist here. Mount it into the agent's pod at the same path, or exclude these logs")]
    public static partial void TargetNotMounted(ILogger logger, string path, string target, string missing);

    [LoggerMessage(LogLevel.Warning, "{path} points to {target}, which can't be accessed: {error}")]
    public static partial void LinkBroken(ILogger logger, string path, string target, string error);

    [LoggerMessage(LogLevel.Error, "Can't read {path}: it is {kind}, not a regular file. Exclude or remove it")]
    public static partial void NotAFile(ILogger logger, string path, string kind);

    [LoggerMessage(LogLevel.Error, "A file name in {directory} is not UTF-8 ({name}), so the file can't be read. Rename the file")]
    public static partial void InvalidName(ILogger logger, string directory, string name);

    [LoggerMessage(LogLevel.Warning, "No more inotify watches are available; directories without a watch are scanned every {seconds} s. Raise fs.inotify.max_user_watches to find short-lived files sooner")]
    public static partial void NoMoreWatches(ILogger logger, double seconds);

    [LoggerMessage(LogLevel.Warning, "No inotify instance is available ({error}); files are found by scanning every {seconds} s. Raise fs.inotify.max_user_instances to find short-lived files sooner")]
    public static partial void NoWatch(ILogger logger, string error, double seconds);

    [LoggerMessage(LogLevel.Information, "A directory in the path of a log was replaced: a symbolic link was redirected, or something was mounted over it. The agent searches for all logs again")]
    public static partial void PathDirectoriesChanged(ILogger logger);

    [LoggerMessage(LogLevel.Information, "First scan done, logs found: {logs}")]
    public static partial void FirstScanDone(ILogger logger, int logs);

    [LoggerMessage(LogLevel.Warning, "Can't read {path}: only gzip can be decompressed. Lines in it that were not sent yet are lost. Compress with gzip, or delay compression by one rotation (logrotate: delaycompress)")]
    public static partial void FileCompressed(ILogger logger, string path);
}
