namespace Shipper.Checkpoints;

/// <summary>
/// Whether more may have been sent than the checkpoints know of: because they were damaged, removed or restored from an older copy, or because the machine went
/// down while the agent ran and may have taken the last second of them along. It lasts, over restarts, until all of that is acknowledged.
/// </summary>
/// <remarks>Not safe for concurrent use; <see cref="CheckpointStore"/> guards it.</remarks>
/// <param name="written">The boot that the checkpoints name; null where they name none.</param>
/// <param name="boot">The machine's present boot.</param>
/// <param name="isDamaged">True where something of the checkpoints could not be read.</param>
/// <param name="isUnsettled">True if only Loki can tell whether the checkpoints are as new as what it has.</param>
internal sealed class Doubt(string? written, string boot, bool isDamaged, bool isUnsettled)
{
    /// <summary>Stands for the boot where none matters: positions were on the disk when the agent ended.</summary>
    public const string Ended = "-";

    /// <summary>Stands for the boot where something was damaged, so that the next start is in doubt as well.</summary>
    private const string Damaged = "damaged";

    // What is left open by these needs no answer of Loki.
    private readonly bool _isCertain = isDamaged || written == Damaged || (written is not (null or Ended) && written != boot);

    private bool _isUnsettled = isUnsettled;
    private bool _isOver;
    private bool _isOlder;

    /// <summary>True where the machine was booted since positions were written, without an end of the agent before it.</summary>
    public bool HasCrashed { get; } = written is not (null or Ended or Damaged) && written != boot;

    /// <summary>False until it is known whether there is doubt. Nothing may be read before.</summary>
    public bool IsSettled => _isCertain || !_isUnsettled;

    /// <summary>True until it is over, or known that there is none.</summary>
    public bool IsOpen => !_isOver && (_isCertain || _isOlder || _isUnsettled);

    /// <summary>True if Loki can't be asked, so that what it may have is sent again and counted.</summary>
    public bool IsUnaskable { get; private set; }

    /// <summary>What the checkpoints are to name.</summary>
    public string Boot => !IsOpen || !IsSettled ? boot : HasCrashed ? written! : Damaged;

    /// <summary>It is known whether there is doubt.</summary>
    /// <param name="isOlder">True if Loki has, or may have, what the checkpoints don't know of.</param>
    /// <param name="isUnaskable">True if Loki can't be asked what that is.</param>
    public void Settle(bool isOlder, bool isUnaskable)
    {
        _isUnsettled = false;
        _isOlder = isOlder;
        IsUnaskable = isOlder && isUnaskable;
    }

    /// <summary>All that may have been sent unknown to the checkpoints is acknowledged.</summary>
    public void End()
    {
        _isUnsettled = false;
        _isOver = true;
    }
}
