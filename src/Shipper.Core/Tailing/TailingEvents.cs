using Microsoft.Extensions.Logging;

namespace Shipper.Tailing;

internal static partial class TailingEvents
{
    [LoggerMessage(LogLevel.Error, "Too many open files: logs take turns, since the agent may have only {limit} files open. A file that is deleted between two turns is lost. Raise the limit: ulimit -n, LimitNOFILE= of a systemd unit, or that of the container runtime")]
    public static partial void TooManyOpenFiles(ILogger logger, ulong limit);

    [LoggerMessage(LogLevel.Error, "BUG: reading {stream} failed. It goes on from its last batch in a few seconds; the others are not concerned")]
    public static partial void StreamFailed(ILogger logger, Exception exception, string stream);
}
