using Microsoft.Extensions.Logging;

namespace Shipper.Checkpoints;

internal static partial class CheckpointEvents
{
    [LoggerMessage(LogLevel.Error, "Checkpoint {path} is damaged. The agent continues from the previous checkpoint, if any, and from the checkpoint logs. It asks Loki about records that only this checkpoint knew of")]
    public static partial void SnapshotDamaged(ILogger logger, string path);

    [LoggerMessage(LogLevel.Warning, "Checkpoint log {path} is intact up to byte {good}; the last {damaged} bytes are damaged, as after a crash in the middle of a write. The agent asks Loki which of the affected records it has")]
    public static partial void LogDamaged(ILogger logger, string path, int good, int damaged);

    [LoggerMessage(LogLevel.Error, "Checkpoint log {path} is missing. The agent asks Loki which of the affected records it has")]
    public static partial void LogMissing(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "Can't read checkpoint {path}: {error}. The agent continues without it, and asks Loki about records that only this checkpoint knew of")]
    public static partial void Unreadable(ILogger logger, string path, string error);

    [LoggerMessage(LogLevel.Warning, "The machine went down while the agent was running, so the last second of checkpoints may be lost. The agent asks Loki which of the affected records it has")]
    public static partial void MachineWentDown(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Checkpoint {operation} failed in {directory}: {error}. The agent keeps sending logs and retries; if it is killed before the retry succeeds, records acknowledged from now on may be sent again")]
    public static partial void Failed(ILogger logger, string operation, string directory, string error);

    [LoggerMessage(LogLevel.Information, "Checkpoints can be written to {directory} again")]
    public static partial void Recovered(ILogger logger, string directory);

    [LoggerMessage(LogLevel.Warning, "Removed {path}, a copy of a deleted log file: no checkpoint refers to it")]
    public static partial void CopyUnknown(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "Copies of deleted log files: {operation} failed in {directory}: {error}")]
    public static partial void CopyFailed(ILogger logger, string operation, string directory, string error);

    [LoggerMessage(LogLevel.Warning, "Another agent holds {path}. Waiting up to {seconds} s for it to exit")]
    public static partial void WaitingForLock(ILogger logger, string path, double seconds);

    [LoggerMessage(LogLevel.Error, "Running without the lock {path}: {error}. A second agent on the same directory would go unnoticed")]
    public static partial void RunningUnlocked(ILogger logger, string path, string error);

    [LoggerMessage(LogLevel.Warning, "Loki has entries of this node up to {newest}, but {directory} knows of {known}. The directory was removed or restored from an older copy, or another agent sends with the same cluster and node. The agent asks Loki which records it has and sends only the rest")]
    public static partial void OlderThanLoki(ILogger logger, string newest, string directory, string known);

    [LoggerMessage(LogLevel.Warning, "{directory} has no checkpoints of an earlier run, and Loki can't be asked: {message}. If an agent ran here before, its records are sent again (shipper_possible_duplicate_records_total)")]
    public static partial void DuplicatesExpected(ILogger logger, string directory, string message);
}
