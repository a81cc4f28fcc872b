using System.Runtime.InteropServices;
using Shipper.Native;

namespace Shipper.Discovery;

/// <summary>
/// The directories that paths to logs pass through, and their identities: /var/log/pods may be a link that is redirected, or a file system may be mounted over
/// it. Most logs share these directories, so checking them costs only a few statx(2) per scan for 1,500 logs.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PathDirectories
{
    /// <summary>If there are more directories than this, only those shared by several logs are checked, and not the directory of each pod.</summary>
    private const int MaxUnshared = 64;

    private readonly Dictionary<string, PathDirectory> _directories = new(StringComparer.Ordinal);

    /// <summary>Adds a directory that leads to a log, and all its parents.</summary>
    /// <param name="directory">The path, with symbolic links unresolved.</param>
    public void Add(string directory)
    {
        for (string? path = directory; path is not null; path = Path.GetDirectoryName(path))
        {
            ref PathDirectory? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_directories, path, out _);
            known ??= new PathDirectory { Place = PlaceOf(path) };
            known.Logs++;
        }
    }

    /// <summary>Removes a directory that led to a log that is gone, and all its parents.</summary>
    public void Remove(string directory)
    {
        for (string? path = directory; path is not null; path = Path.GetDirectoryName(path))
        {
            if (_directories.TryGetValue(path, out PathDirectory? known) && --known.Logs == 0)
            {
                _directories.Remove(path);
            }
        }
    }

    /// <summary>True if one of the paths leads to a different directory than at the last call. A path that is broken at the moment is ignored.</summary>
    public bool HaveChanged()
    {
        bool haveChanged = false;
        foreach ((string path, PathDirectory known) in _directories)
        {
            if ((known.Logs > 1 || _directories.Count <= MaxUnshared) && PlaceOf(path) is { } place && place != known.Place)
            {
                haveChanged |= known.Place is not null;
                known.Place = place;
            }
        }

        return haveChanged;
    }

    private static (ulong Device, ulong Inode)? PlaceOf(string path) => FileStatus.OfPath(path, out FileStatus status) == 0 ? (status.Device, status.Inode) : null;

    private sealed class PathDirectory
    {
        public int Logs { get; set; }

        public (ulong Device, ulong Inode)? Place { get; set; }
    }
}
