using Microsoft.Extensions.Logging;

namespace Shipper.Tailing;

internal static partial class TailingEvents
{
    [LoggerMessage(LogLevel.Error, "Too many open files: logs take turns, since the agent may have only {limit} files open. A file that is deleted between two turns is lost. Raise the limit: ulimit -n, LimitNOFILE= of a systemd unit, or that of the container runtime")]
    public static partial void TooManyOpenFiles(ILogger logger, ulong limit);

    [LoggerMessage(LogLevel.Warning, "{path} looks like UTF-16, but has no byte order mark: its lines are sent undecoded. Let its writer use UTF-8, or begin the file with the mark")]
    public static partial void EncodingUnknown(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "{path} is no valid gzip file beyond byte {offset} of its content: {error}")]
    public static partial void GzipDamaged(ILogger logger, string path, long offset, string error);

    [LoggerMessage(LogLevel.Error, "BUG: reading {stream} failed. It goes on from its last batch in a few seconds; the others are not concerned")]
    public static partial void StreamFailed(ILogger logger, Exception exception, string stream);
}
