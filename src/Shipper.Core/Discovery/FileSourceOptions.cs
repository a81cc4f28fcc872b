namespace Shipper.Discovery;

/// <summary>Other log files: an element of <c>sources.files</c> of the configuration.</summary>
internal sealed class FileSourceOptions
{
    /// <summary>Globs of the files to read.</summary>
    public List<string> Include { get; set; } = [];

    /// <summary>Globs of the files to exclude.</summary>
    public List<string> Exclude { get; set; } = [];

    /// <summary>Stream labels of these files.</summary>
    public Dictionary<string, string> Labels { get; set; } = new(StringComparer.Ordinal);

    /// <summary>How the files are read.</summary>
    public TailerOptions Tailer { get; set; } = new();
}
