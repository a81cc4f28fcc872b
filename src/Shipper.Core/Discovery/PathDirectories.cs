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

    private readonly Dictionary<string, WayPoint> _points = new(StringComparer.Ordinal);

    /// <summary>Adds a directory that leads to a log, and all its parents.</summary>
    /// <param name="directory">The path, with symbolic links unresolved.</param>
    public void Add(string directory)
    {
        for (string? point = directory; point is not null; point = Path.GetDirectoryName(point))
        {
            ref WayPoint? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_points, point, out _);
            known ??= new WayPoint { Place = PlaceOf(point) };
            known.Logs++;
        }
    }

    /// <summary>Removes a directory that led to a log that is gone, and all its parents.</summary>
    public void Remove(string directory)
    {
        for (string? point = directory; point is not null; point = Path.GetDirectoryName(point))
        {
            if (_points.TryGetValue(point, out WayPoint? known) && --known.Logs == 0)
            {
                _points.Remove(point);
            }
        }
    }

    /// <summary>True if one of the paths leads to a different directory than at the last call. A path that is broken at the moment is ignored.</summary>
    public bool HaveChanged()
    {
        bool haveChanged = false;
        foreach ((string path, WayPoint point) in _points)
        {
            if ((point.Logs > 1 || _points.Count <= MaxUnshared) && PlaceOf(path) is { } place && place != point.Place)
            {
                haveChanged |= point.Place is not null;
                point.Place = place;
            }
        }

        return haveChanged;
    }

    private static (ulong Device, ulong Inode)? PlaceOf(string path) => FileStatus.OfPath(path, out FileStatus status) == 0 ? (status.Device, status.Inode) : null;

    private sealed class WayPoint
    {
        public int Logs { get; set; }

        public (ulong Device, ulong Inode)? Place { get; set; }
    }
}
