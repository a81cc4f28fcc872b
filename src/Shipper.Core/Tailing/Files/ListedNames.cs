namespace Shipper.Tailing.Files;

/// <summary>Detects names that moved between the listing of a directory and the opening of its files.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class ListedNames
{
    // Names that led to another file than the listing showed, or nowhere.
    private readonly HashSet<(string Path, ulong Inode)> _moved = [];

    /// <summary>True if names moved since the directory was listed, so that a listed file was not found.</summary>
    public bool HaveMoved { get; private set; }

    /// <summary>Prepares for a listing of a directory.</summary>
    /// <param name="isAgain">True if the directory was listed a moment ago, and its files changed in the meantime.</param>
    public void Begin(bool isAgain)
    {
        HaveMoved = false;
        if (!isAgain)
        {
            _moved.Clear();
        }
    }

    /// <summary>
    /// Checks whether the file with a name is the one that the listing showed, and remembers the name if it is not. If they differ after the next listing as
    /// well, nothing moved: the listings of some file systems have other inodes, and a link may lead nowhere.
    /// </summary>
    public bool IsAsListed(string path, ulong listed, ulong found)
    {
        if (listed == found || !_moved.Add((path, listed)))
        {
            return true;
        }

        HaveMoved = true;
        return false;
    }
}
