namespace Shipper.Journal;

/// <summary>The systemd journal: section <c>sources.journal</c> of the configuration.</summary>
internal sealed class JournalOptions
{
    public bool Enabled { get; set; } = true;

    /// <summary>Directories of journal files.</summary>
    public List<string> Directories { get; set; } = ["/var/log/journal", "/run/log/journal"];

    /// <summary>Globs of the units to read. If empty, all units are read.</summary>
    public List<string> Units { get; set; } = [];

    /// <summary>Globs of the units to exclude.</summary>
    public List<string> Exclude { get; set; } = [];

    /// <summary>How far back to read when the agent starts for the first time.</summary>
    public TimeSpan Since { get; set; } = TimeSpan.FromHours(1);
}
