using Shipper.Discovery.Rotation;

namespace Shipper.Discovery;

/// <summary>A path that matched a glob, and the log that it points to.</summary>
/// <param name="location">The location whose globs the path matches.</param>
/// <param name="inode">Inode of the link, or of the file if the path is not a link. A new inode under the same name means a new target.</param>
internal sealed class MatchedPath(ulong inode, LogLocation location)
{
    /// <summary>
    /// How long a link must be broken before it is reported: a link is broken for some milliseconds during rotation, and for seconds while a pod is deleted.
    /// </summary>
    private static readonly TimeSpan BrokenDelay = TimeSpan.FromSeconds(5);

    // Hash of the link's target. Inodes are reused, so a link with the same inode may point elsewhere.
    private int _targetHash;

    // Timestamp since when the path has been broken; 0 if it leads to a file.
    private long _brokenSince;
    private bool _isReported;

    public LogLocation Location { get; } = location;

    public ulong Inode { get; } = inode;

    /// <summary>Path of the log that the path leads to; null if the path is broken or not resolved yet.</summary>
    public string? LogPath { get; set; }

    /// <summary>Directory of the log.</summary>
    public string? Directory { get; set; }

    /// <summary>The directories that must be traversed to reach the log, with symbolic links unresolved.</summary>
    public List<string> PathDirectories { get; } = new(2);

    /// <summary>Why the path can't be read; null if it can, or if the problem has not lasted long enough to be reported.</summary>
    public UnreadableSource? Problem { get; set; }

    /// <summary>Number of the last scan that found the path.</summary>
    public long LastScan { get; set; }

    /// <summary>Records the log that the path leads to.</summary>
    public void SetLog(RotatedLog rotatedLog)
    {
        LogPath = rotatedLog.Path;
        Directory = rotatedLog.Directory;
        _isReported = false;
        _brokenSince = 0;
        Problem = null;
    }

    /// <summary>True the first time only: a problem with a path is reported once.</summary>
    public bool TryMarkReported()
    {
        bool isFirst = !_isReported;
        _isReported = true;
        return isFirst;
    }

    /// <summary>Records that the path is broken.</summary>
    /// <returns>True if that must be reported now, because it has lasted long enough.</returns>
    public bool MarkBroken(TimeProvider time)
    {
        long now = time.GetTimestamp();
        if (_brokenSince == 0)
        {
            _brokenSince = now;
        }

        return !_isReported && time.GetElapsedTime(_brokenSince, now) >= BrokenDelay && TryMarkReported();
    }

    /// <summary>Records the target of the link.</summary>
    /// <param name="target">The target; null if the path is not a link.</param>
    public void SetTarget(string? target) => _targetHash = HashOf(target);

    /// <summary>True if the link has a target other than the recorded one.</summary>
    /// <param name="target">The target; null if the path is not a link.</param>
    public bool HasTargetChanged(string? target) => _targetHash != HashOf(target);

    private static int HashOf(string? target) => target?.GetHashCode(StringComparison.Ordinal) ?? 0;
}
