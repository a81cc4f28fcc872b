using Shipper.Processing;

namespace Shipper.Discovery;

/// <summary>Options for reading log files.</summary>
internal sealed class TailerOptions
{
    /// <summary>Where to start in files that already exist when the agent starts for the first time.</summary>
    public StartAt StartAt { get; set; } = new(StartMode.Beginning);

    /// <summary>Maximum length of a line, in bytes.</summary>
    public int MaxLineBytes { get; set; } = 256 * 1024;

    /// <summary>What to do with longer lines.</summary>
    public LongLineAction LongLines { get; set; }

    /// <summary>Maximum disk space, in bytes, of deleted files that are held open because they are not fully read and acknowledged.</summary>
    public long HeldBytes { get; set; } = 2L * 1024 * 1024 * 1024;
}
