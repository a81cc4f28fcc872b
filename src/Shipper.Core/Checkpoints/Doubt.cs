namespace Shipper.Checkpoints;

/// <summary>
/// Whether more may have been sent than the checkpoints know of: because they were damaged, or because the machine went down while the agent ran and
/// may have taken the last second of them along. It lasts, over restarts, until all of that is acknowledged.
/// </summary>
/// <remarks>Not safe for concurrent use; <see cref="CheckpointStore"/> guards it.</remarks>
/// <param name="written">The boot that the checkpoints name; null where they name none.</param>
/// <param name="boot">The machine's present boot.</param>
/// <param name="isDamaged">True where something of the checkpoints could not be read.</param>
internal sealed class Doubt(string? written, string boot, bool isDamaged)
{
    /// <summary>Stands for the boot where none matters: positions were on the disk when the agent ended.</summary>
    public const string Ended = "-";

    /// <summary>Stands for the boot where something was damaged, so that the next start is in doubt as well.</summary>
    private const string Damaged = "damaged";

    /// <summary>True where the machine was booted since positions were written, without an end of the agent before it.</summary>
    public bool HasCrashed { get; } = written is not (null or Ended or Damaged) && written != boot;

    /// <summary>True until it is over.</summary>
    public bool IsOpen { get; private set; } = isDamaged || written == Damaged || (written is not (null or Ended) && written != boot);

    /// <summary>What the checkpoints are to name.</summary>
    public string Boot => !IsOpen ? boot : HasCrashed ? written! : Damaged;

    /// <summary>All that may have been sent unknown to the checkpoints is acknowledged.</summary>
    public void End() => IsOpen = false;
}
