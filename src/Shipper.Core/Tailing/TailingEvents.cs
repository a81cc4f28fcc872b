using Microsoft.Extensions.Logging;

namespace Shipper.Tailing;

internal static partial class TailingEvents
{
    [LoggerMessage(LogLevel.Error, "Too many open files: the agent may open only {limit} files, so logs take turns. A file that is deleted between two turns is lost. Raise the limit: ulimit -n, LimitNOFILE= in a systemd unit, or the limit of the container runtime")]
    public static partial void TooManyOpenFiles(ILogger logger, ulong limit);

    [LoggerMessage(LogLevel.Error, "BUG: reading {stream} failed. The agent resumes after its last batch in a few seconds; other streams are not affected")]
    public static partial void StreamFailed(ILogger logger, Exception exception, string stream);
}
