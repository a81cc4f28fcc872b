namespace Shipper.Discovery;

/// <summary>A path that matched, and what it leads to.</summary>
/// <param name="location">The location that it matched.</param>
/// <param name="inode">Inode of the link, or of the file where it is none: another one under the same name leads elsewhere.</param>
internal sealed class FoundLog(ulong inode, LogLocation location)
{
    public LogLocation Location { get; } = location;

    public ulong Inode { get; } = inode;

    /// <summary>What the link says; null where it is none. Inodes are used again, so that the same one may lead elsewhere.</summary>
    public string? Target { get; set; }

    /// <summary>Path of the series it leads to; null where it leads nowhere.</summary>
    public string? SeriesPath { get; set; }

    /// <summary>Directory of the series.</summary>
    public string? Directory { get; set; }

    /// <summary>Number of the last scan that saw it.</summary>
    public long LastScan { get; set; }

    /// <summary>Since when it leads nowhere, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long BrokenSince { get; set; }

    /// <summary>True once it was said that it leads nowhere.</summary>
    public bool IsReported { get; set; }
}
