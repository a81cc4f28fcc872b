using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>Facts about logs that are kept across restarts, by the log's path under its unrotated name.</summary>
internal static class LogFacts
{
    /// <summary>Returns the directory to which rotation moves a log's files; null if unknown.</summary>
    public static string? GetRotationDirectory(this CheckpointStore checkpoints, string path) =>
        checkpoints.Read(path, static (state, path) => state.RotationDirectories.GetValueOrDefault(path));

    /// <summary>Stores the directory to which rotation moves a log's files.</summary>
    public static void SetRotationDirectory(this CheckpointStore checkpoints, string path, string directory) => checkpoints.Commit(new RotationDirectory(path, directory));

    /// <summary>Returns the last known excluded outputs of a log; null if they have never been known.</summary>
    public static ExcludedOutputs? GetExcludedOutputs(this CheckpointStore checkpoints, string path) =>
        checkpoints.Read(path, static (state, path) => state.FindExcludedOutputs(path));

    /// <summary>Stores which outputs of a log are excluded.</summary>
    /// <param name="path">Path of the log, under its unrotated name.</param>
    /// <param name="excluded">The excluded outputs; null if the log is gone.</param>
    public static void SetExcludedOutputs(this CheckpointStore checkpoints, string path, ExcludedOutputs? excluded) => checkpoints.Commit(new ExcludedOutputsChange(path, excluded));

    /// <summary>Returns the paths of all logs for which excluded outputs are stored.</summary>
    public static IReadOnlyList<string> GetPathsWithExcludedOutputs(this CheckpointStore checkpoints) =>
        checkpoints.Read(0, static (state, _) => state.ExcludedOutputsByPath.Keys.ToList());
}
