using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>What is remembered of logs over restarts, by the path of their series.</summary>
internal static class LogFacts
{
    /// <summary>The directory to which rotation moved files of a log; null if it is not known to do so.</summary>
    public static string? GetDirectory(this CheckpointStore checkpoints, string path) =>
        checkpoints.Read(path, static (state, path) => state.Directories.GetValueOrDefault(path));

    /// <summary>Remembers the directory to which rotation moves files of a log.</summary>
    public static void SetDirectory(this CheckpointStore checkpoints, string path, string directory) => checkpoints.Commit(new RotationDirectory(path, directory));

    /// <summary>Which outputs of a log were excluded when that was last known; null if it never was.</summary>
    public static ExcludedOutputs? GetDecision(this CheckpointStore checkpoints, string path) =>
        checkpoints.Read(path, static (state, path) => state.FindDecision(path));

    /// <summary>Remembers which outputs of a log are excluded.</summary>
    /// <param name="checkpoints">Where to remember it.</param>
    /// <param name="path">Path of the series.</param>
    /// <param name="excluded">The decision; null if the log is gone.</param>
    public static void SetDecision(this CheckpointStore checkpoints, string path, ExcludedOutputs? excluded) => checkpoints.Commit(new Decision(path, excluded));

    /// <summary>Paths of the logs of which it is known whether they are excluded.</summary>
    public static IReadOnlyList<string> GetDecidedPaths(this CheckpointStore checkpoints) =>
        checkpoints.Read(0, static (state, _) => state.Decisions.Keys.ToList());
}
