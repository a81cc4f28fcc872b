using Shipper.Discovery.Rotation;

namespace Shipper.Discovery;

/// <summary>A path that matched, and what it leads to.</summary>
/// <param name="location">The location that it matched.</param>
/// <param name="inode">Inode of the link, or of the file where it is none: another one under the same name leads elsewhere.</param>
internal sealed class FoundLog(ulong inode, LogLocation location)
{
    /// <summary>While a file is rotated its link leads nowhere for some milliseconds, and while a pod is deleted for seconds.</summary>
    private static readonly TimeSpan BrokenDelay = TimeSpan.FromSeconds(5);

    // Of what the link says: inodes are used again, so that the same one may lead elsewhere.
    private int _targetHash;

    // Since when it leads nowhere, as a timestamp; 0 if it leads to a file.
    private long _brokenSince;
    private bool _isReported;

    public LogLocation Location { get; } = location;

    public ulong Inode { get; } = inode;

    /// <summary>Path of the series it leads to; null where it leads nowhere.</summary>
    public string? SeriesPath { get; set; }

    /// <summary>Directory of the series.</summary>
    public string? Directory { get; set; }

    /// <summary>The directories through which it was found, with the links in their paths.</summary>
    public List<string> Way { get; } = new(2);

    /// <summary>Number of the last scan that saw it.</summary>
    public long LastScan { get; set; }

    /// <summary>Notes that it leads to a series.</summary>
    public void SetSeries(LogSeries series)
    {
        SeriesPath = series.Path;
        Directory = series.Directory;
        _isReported = false;
        _brokenSince = 0;
    }

    /// <summary>True the first time: what is wrong with a path is reported once.</summary>
    public bool TryReport()
    {
        bool isFirst = !_isReported;
        _isReported = true;
        return isFirst;
    }

    /// <summary>Notes that it leads nowhere now.</summary>
    /// <returns>True if that is to be reported, once it has lasted.</returns>
    public bool MustReportBroken(TimeProvider time)
    {
        long now = time.GetTimestamp();
        if (_brokenSince == 0)
        {
            _brokenSince = now;
        }

        return !_isReported && time.GetElapsedTime(_brokenSince, now) >= BrokenDelay && TryReport();
    }

    /// <summary>Takes note of where it leads.</summary>
    /// <param name="target">What the link says; null where it is none.</param>
    public void SetTarget(string? target) => _targetHash = HashOf(target);

    /// <summary>Tells whether it leads elsewhere now.</summary>
    /// <param name="target">What the link says; null where it is none.</param>
    public bool LeadsElsewhere(string? target) => _targetHash != HashOf(target);

    private static int HashOf(string? target) => target?.GetHashCode(StringComparison.Ordinal) ?? 0;
}
