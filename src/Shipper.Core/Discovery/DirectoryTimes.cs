using Shipper.Native;
using Shipper.Records;

namespace Shipper.Discovery;

/// <summary>
/// Remembers the modification times that directories had when they were listed, so that a scan of 1,500 unchanged links costs one statx(2). The names are not
/// kept, because they would take more memory than the logs that they point to.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class DirectoryTimes(TimeProvider time)
{
    /// <summary>
    /// The kernel's file times advance in steps of up to 10 ms, so a directory that was changed more recently than this can change again without a new
    /// modification time.
    /// </summary>
    private const long UncertainNs = 50_000_000;

    private const long Uncertain = -2;

    private readonly Dictionary<string, long> _modifiedNs = new(StringComparer.Ordinal);

    /// <summary>Lists a directory, and remembers its modification time.</summary>
    /// <param name="entries">Receives the entries.</param>
    /// <returns>0 or an error number (errno).</returns>
    public int List(string directory, List<DirectoryEntry> entries)
    {
        int error = DirectoryLister.List(directory, entries, out FileStatus status);
        if (error == 0)
        {
            _modifiedNs[directory] = TimeToRemember(status.ModifiedNs);
        }
        else
        {
            _modifiedNs.Remove(directory);
        }

        return error;
    }

    /// <summary>True if the last listing of a directory is still up to date, judging by the directory's modification time.</summary>
    public bool IsUnchanged(string directory) =>
        _modifiedNs.TryGetValue(directory, out long known) && FileStatus.OfPath(directory, out FileStatus status) == 0 && status.ModifiedNs == known;

    /// <summary>Discards the modification time of a directory that is no longer needed.</summary>
    public void Forget(string directory) => _modifiedNs.Remove(directory);

    /// <summary>
    /// Returns the modification time to remember, or a time that no directory has if the next change might not alter the modification time. After the clock was
    /// set back, a modification time may be in the future.
    /// </summary>
    public long TimeToRemember(long modifiedNs) => Math.Abs(time.GetUnixNanoseconds() - modifiedNs) < UncertainNs ? Uncertain : modifiedNs;
}
