using Shipper.Processing;
using Shipper.Processing.Multiline;

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

    /// <summary>Replaces <c>processing.multiline</c> for these files; null if it applies.</summary>
    public MultilineOptions? Multiline { get; set; }

    /// <summary>Replaces <c>processing.ansi</c>; null if it applies.</summary>
    public AnsiAction? Ansi { get; set; }

    /// <summary>Replaces <c>processing.level</c>; null if it applies.</summary>
    public DetectMode? Level { get; set; }

    /// <summary>Replaces <c>processing.trace</c>; null if it applies.</summary>
    public DetectMode? Trace { get; set; }

    /// <summary>Replaces <c>processing.fields</c>; null if it applies.</summary>
    public Dictionary<string, string>? Fields { get; set; }

    /// <summary>True if a file at a path belongs to these files.</summary>
    public bool Includes(string path) => Glob.IsAnyMatch(Include, path) && !Glob.IsAnyMatch(Exclude, path);

    /// <summary>Returns how the records of these files are processed.</summary>
    /// <param name="general">Section <c>processing</c>. It shares its rules, limits and redaction with the result.</param>
    public ProcessingOptions ApplyTo(ProcessingOptions general) => new()
    {
        Multiline = Multiline ?? general.Multiline,
        Ansi = Ansi ?? general.Ansi,
        Level = Level ?? general.Level,
        Trace = Trace ?? general.Trace,
        Fields = Fields ?? general.Fields,
        Rules = general.Rules,
        Limits = general.Limits,
        Redact = general.Redact,
    };
}
