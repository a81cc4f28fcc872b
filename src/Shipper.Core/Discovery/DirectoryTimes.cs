using Shipper.Native;
using Shipper.Records;

namespace Shipper.Discovery;

/// <summary>
/// Modification times of directories, as of when they were listed: a scan of 1,500 unchanged links costs one statx(2). The names are not kept, which
/// would take more memory than the files that they lead to.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class DirectoryTimes(TimeProvider time)
{
    /// <summary>
    /// The kernel's file times move in steps of up to 10 ms: a directory changed more recently than this can change again
    /// without showing it.
    /// </summary>
    private const long UncertainNs = 50_000_000;

    private const long Uncertain = -2;

    private readonly Dictionary<string, long> _modifiedNs = new(StringComparer.Ordinal);

    /// <summary>Lists a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="entries">Gets its names.</param>
    /// <returns>0 or an error number.</returns>
    public int List(string directory, List<DirectoryEntry> entries)
    {
        int error = DirectoryLister.List(directory, entries, out FileStatus status);
        if (error == 0)
        {
            _modifiedNs[directory] = WhenCertain(status.ModifiedNs);
        }
        else
        {
            _modifiedNs.Remove(directory);
        }

        return error;
    }

    /// <summary>Tells whether the last listing still holds, as far as the directory's time shows.</summary>
    public bool IsUnchanged(string directory) =>
        _modifiedNs.TryGetValue(directory, out long known) && FileStatus.OfPath(directory, out FileStatus status) == 0 && status.ModifiedNs == known;

    /// <summary>The directory is of no interest any more.</summary>
    public void Forget(string directory) => _modifiedNs.Remove(directory);

    /// <summary>The modification time to remember, or a time that no directory has if the time may not show the next change. After the clock was set back a time may lie in the future.</summary>
    public long WhenCertain(long modifiedNs) => Math.Abs(time.GetUnixNanoseconds() - modifiedNs) < UncertainNs ? Uncertain : modifiedNs;
}
