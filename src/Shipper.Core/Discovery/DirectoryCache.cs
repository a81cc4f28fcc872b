using Shipper.Native;

namespace Shipper.Discovery;

/// <summary>
/// Listings of directories, kept for as long as the directory's modification time stands still: a scan of 1,500 unchanged
/// links costs one statx(2).
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class DirectoryCache(TimeProvider time)
{
    /// <summary>
    /// The kernel's file times move in steps of up to 10 ms: a directory changed more recently than this can change again
    /// without showing it.
    /// </summary>
    private const long UncertainNs = 50_000_000;

    private const long Uncertain = -2;

    private readonly Dictionary<string, (long ModifiedNs, List<DirectoryEntry> Entries)> _listings = new(StringComparer.Ordinal);

    /// <summary>Lists a directory, or gives the listing from before if nothing changed.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="isForced">True to list it in any case.</param>
    /// <param name="entries">Its names.</param>
    /// <returns>0 or an error number.</returns>
    public int List(string directory, bool isForced, out List<DirectoryEntry> entries)
    {
        bool isKnown = _listings.TryGetValue(directory, out var known);
        entries = known.Entries ?? [];
        int error = FileStatus.OfPath(directory, out FileStatus status);
        if (error == 0 && isKnown && !isForced && status.ModifiedNs == known.ModifiedNs)
        {
            return 0;
        }

        long modifiedNs = 0;
        if (error == 0)
        {
            error = DirectoryLister.List(directory, entries, out modifiedNs);
        }

        if (error != 0)
        {
            _listings.Remove(directory);
            return error;
        }

        _listings[directory] = (WhenCertain(modifiedNs), entries);
        return 0;
    }

    /// <summary>Tells whether the listing from before still holds, as far as the directory's time shows.</summary>
    public bool IsUnchanged(string directory) =>
        _listings.TryGetValue(directory, out var known) && FileStatus.OfPath(directory, out FileStatus status) == 0 && status.ModifiedNs == known.ModifiedNs;

    /// <summary>The directory is of no interest any more.</summary>
    public void Forget(string directory) => _listings.Remove(directory);

    /// <summary>The modification time to remember; one that no directory has where it may not show the next change.</summary>
    public long WhenCertain(long modifiedNs)
    {
        return time.GetUnixNanoseconds() - modifiedNs < UncertainNs ? Uncertain : modifiedNs;
    }
}
