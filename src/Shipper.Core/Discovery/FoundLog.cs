namespace Shipper.Discovery;

/// <summary>A path that matched, and what it leads to.</summary>
/// <param name="location">The location that it matched.</param>
/// <param name="inode">Inode of the link, or of the file where it is none: another one under the same name leads elsewhere.</param>
internal sealed class FoundLog(ulong inode, LogLocation location)
{
    // Of what the link says: inodes are used again, so that the same one may lead elsewhere.
    private int _targetHash;

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

    /// <summary>Since when it leads nowhere, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long BrokenSince { get; set; }

    /// <summary>True once it was said that it leads nowhere.</summary>
    public bool IsReported { get; set; }

    /// <summary>Takes note of where it leads.</summary>
    /// <param name="target">What the link says; null where it is none.</param>
    public void SetTarget(string? target) => _targetHash = HashOf(target);

    /// <summary>Tells whether it leads elsewhere now.</summary>
    /// <param name="target">What the link says; null where it is none.</param>
    public bool LeadsElsewhere(string? target) => _targetHash != HashOf(target);

    private static int HashOf(string? target) => target?.GetHashCode(StringComparison.Ordinal) ?? 0;
}
