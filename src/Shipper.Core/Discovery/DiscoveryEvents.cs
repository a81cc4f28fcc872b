using Microsoft.Extensions.Logging;

namespace Shipper.Discovery;

internal static partial class DiscoveryEvents
{
    [LoggerMessage(LogLevel.Error, "Can't list {directory}: {error}. {remedy}")]
    public static partial void DirectoryUnreadable(ILogger logger, string directory, string error, string remedy);

    [LoggerMessage(LogLevel.Information, "Nothing to read for {glob}: {directory} does not exist. It is looked for at each scan")]
    public static partial void DirectoryMissing(ILogger logger, string glob, string directory);

    [LoggerMessage(LogLevel.Warning, "{path} is read as {other} already: a log is sent once. Exclude it from one of the sources")]
    public static partial void ReadTwice(ILogger logger, string path, string other);

    [LoggerMessage(LogLevel.Error, "{path} leads to {target}, but {missing} does not exist here. Mount it into the agent's pod at the same path, or exclude these logs")]
    public static partial void TargetNotMounted(ILogger logger, string path, string target, string missing);

    [LoggerMessage(LogLevel.Warning, "{path} leads to {target}, which does not exist: {error}")]
    public static partial void LinkBroken(ILogger logger, string path, string target, string error);

    [LoggerMessage(LogLevel.Error, "Can't read {path}: it is a {kind}, not a regular file. Exclude it, or remove it")]
    public static partial void NotAFile(ILogger logger, string path, string kind);

    [LoggerMessage(LogLevel.Error, "A name in {directory} is not UTF-8 ({name}); the file can't be read. Rename it")]
    public static partial void InvalidName(ILogger logger, string directory, string name);

    [LoggerMessage(LogLevel.Warning, "No more inotify watches are to be had; directories that have none are scanned every {seconds} s. Raise fs.inotify.max_user_watches to notice short-lived files sooner")]
    public static partial void NoMoreWatches(ILogger logger, double seconds);

    [LoggerMessage(LogLevel.Warning, "No inotify instance is to be had ({error}); files are found by scanning every {seconds} s. Raise fs.inotify.max_user_instances to notice short-lived ones sooner")]
    public static partial void NoWatch(ILogger logger, string error, double seconds);

    [LoggerMessage(LogLevel.Information, "A directory on the way to the logs is another one now: a link was turned, or something was mounted. All logs are looked for again")]
    public static partial void WaysChanged(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Logs found: {logs}")]
    public static partial void FirstScanDone(ILogger logger, int logs);

    [LoggerMessage(LogLevel.Warning, "Can't read {path}: only gzip can be decompressed. Lines in it that were not sent before are lost. Compress with gzip, or let rotation wait (logrotate: delaycompress)")]
    public static partial void FileCompressed(ILogger logger, string path);
}
