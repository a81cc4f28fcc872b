namespace Shipper.Tailing.Files;

/// <summary>Finds out that names moved between the listing of a directory and the opening of its files.</summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class ListedNames
{
    // Names that the listing had with another file than was found under them, or that led nowhere.
    private readonly HashSet<(string Path, ulong Inode)> _moved = [];

    /// <summary>True if names moved since the directory was listed, so that a file that it showed was not found.</summary>
    public bool HaveMoved { get; private set; }

    /// <summary>A directory is about to be listed.</summary>
    /// <param name="isAgain">True if it was a moment ago, and the files changed meanwhile.</param>
    public void Begin(bool isAgain)
    {
        HaveMoved = false;
        if (!isAgain)
        {
            _moved.Clear();
        }
    }

    /// <summary>
    /// Tells whether the file under a name is the one that the listing had there, and takes note if it is not. If it is so with the next listing as
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
