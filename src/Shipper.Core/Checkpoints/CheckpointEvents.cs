using Microsoft.Extensions.Logging;

namespace Shipper.Checkpoints;

internal static partial class CheckpointEvents
{
    [LoggerMessage(LogLevel.Error, "Checkpoint {path} is damaged. Going on from the one before, where there is one, and from the logs; of what only this one knew Loki is asked")]
    public static partial void SnapshotDamaged(ILogger logger, string path);

    [LoggerMessage(LogLevel.Warning, "Checkpoint log {path} is good up to byte {good}; the last {damaged} bytes are damaged, as a crash in the middle of a write leaves them. Loki is asked what it has of that")]
    public static partial void LogDamaged(ILogger logger, string path, int good, int damaged);

    [LoggerMessage(LogLevel.Error, "Checkpoint log {path} is missing. Loki is asked what it has of what it acknowledged")]
    public static partial void LogMissing(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "Can't read checkpoint {path}: {error}. Going on without it; of what only it knows Loki is asked")]
    public static partial void Unreadable(ILogger logger, string path, string error);

    [LoggerMessage(LogLevel.Warning, "The machine went down while the agent ran, and may have taken the last second of checkpoints along. Loki is asked what it has of that")]
    public static partial void MachineWentDown(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Checkpoint {operation} failed in {directory}: {error}. Logs are sent all the same; what is acknowledged from now on is sent again if the agent is killed before this works")]
    public static partial void Failed(ILogger logger, string operation, string directory, string error);

    [LoggerMessage(LogLevel.Information, "Checkpoints can be written to {directory} again")]
    public static partial void Recovered(ILogger logger, string directory);

    [LoggerMessage(LogLevel.Warning, "Removed {path}, the copy of a deleted log file of which the checkpoint knows nothing")]
    public static partial void CopyUnknown(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "Copies of deleted log files: {operation} failed in {directory}: {error}")]
    public static partial void CopyFailed(ILogger logger, string operation, string directory, string error);

    [LoggerMessage(LogLevel.Warning, "Another agent holds {path}. Waiting up to {seconds} s for it to go")]
    public static partial void WaitingForLock(ILogger logger, string path, double seconds);

    [LoggerMessage(LogLevel.Error, "Running without the lock {path}: {error}. A second agent on the same directory would not be noticed")]
    public static partial void RunningUnlocked(ILogger logger, string path, string error);

    [LoggerMessage(LogLevel.Warning, "Loki has entries of this node up to {newest}, and {directory} knows of {known}. It was removed, or restored from an older copy, or another agent sends with the same cluster and node. Before something of the files is sent, Loki is asked whether it has it")]
    public static partial void OlderThanLoki(ILogger logger, string newest, string directory, string known);

    [LoggerMessage(LogLevel.Warning, "{directory} knows of nothing that was sent, and Loki can't be asked: {message}. If an agent ran here before, what it sent is sent again (shipper_possible_duplicate_records_total)")]
    public static partial void UnknownToAll(ILogger logger, string directory, string message);
}
