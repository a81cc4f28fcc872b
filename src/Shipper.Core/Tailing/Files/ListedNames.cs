namespace Shipper.Tailing.Files;

/// <summary>Detects names that moved between listing a directory and opening its files.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class ListedNames
{
    // Names that led nowhere, or to another file than the listing showed.
    private readonly HashSet<(string Path, ulong Inode)> _moved = [];

    /// <summary>True if a listed file was not found because names have moved since the listing.</summary>
    public bool HaveMoved { get; private set; }

    /// <summary>Prepares for a listing of a directory.</summary>
    /// <param name="isAgain">True if this repeats a recent listing because files changed in the meantime.</param>
    public void BeginListing(bool isAgain)
    {
        HaveMoved = false;
        if (!isAgain)
        {
            _moved.Clear();
        }
    }

    /// <summary>
    /// Checks whether a name leads to the file that the listing showed, and remembers the name if it does not. If listing and file still differ after the
    /// next listing, nothing has moved: some file systems list other inodes, and a link may be broken.
    /// </summary>
    public bool MatchesListing(string path, ulong listed, ulong found)
    {
        if (listed == found || !_moved.Add((path, listed)))
        {
            return true;
        }

        HaveMoved = true;
        return false;
    }
}
