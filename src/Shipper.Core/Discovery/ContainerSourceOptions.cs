namespace Shipper.Discovery;

/// <summary>The logs of containers: section <c>sources.containers</c> of the configuration.</summary>
internal sealed class ContainerSourceOptions
{
    public bool Enabled { get; set; } = true;

    /// <summary>Globs of the files to read, or of links to them.</summary>
    public List<string> Include { get; set; } = ["/var/log/containers/*.log"];

    /// <summary>Globs of the files to exclude.</summary>
    public List<string> Exclude { get; set; } = [];

    /// <summary>Maximum delay until a new file is found.</summary>
    public TimeSpan ScanInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How the files are read.</summary>
    public TailerOptions Tailer { get; set; } = new();
}
