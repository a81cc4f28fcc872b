using Shipper.Processing;

namespace Shipper.Discovery;

/// <summary>How log files are read.</summary>
internal sealed class TailerOptions
{
    /// <summary>Where to begin in what is there when the agent starts for the first time.</summary>
    public StartAt StartAt { get; set; } = new(StartMode.Beginning);

    /// <summary>The largest line to send, in bytes.</summary>
    public int MaxLineBytes { get; set; } = 256 * 1024;

    /// <summary>What becomes of longer lines.</summary>
    public LongLines LongLines { get; set; }

    /// <summary>Unread files that were deleted are held open up to this many bytes on the disk.</summary>
    public long HeldBytes { get; set; } = 2L * 1024 * 1024 * 1024;
}
