namespace Shipper.Checkpoints;

/// <summary>
/// Decides whether the agent may have sent records that the checkpoints don't know of. It may have if the checkpoints were damaged, removed or restored
/// from an older copy, or if the machine went down while the agent was running, which may have lost the last second of them. This holds across restarts until
/// all of these unconfirmed records are acknowledged.
/// </summary>
/// <remarks>Not thread-safe; <see cref="CheckpointStore"/> guards it.</remarks>
/// <param name="writtenBoot">The boot that the checkpoints name; null if they name none.</param>
/// <param name="boot">The machine's current boot.</param>
/// <param name="isDamaged">True if a part of the checkpoints could not be read.</param>
/// <param name="isUnsettled">True if Loki must be asked whether it has newer records than the checkpoints.</param>
internal sealed class UncleanShutdown(string? writtenBoot, string boot, bool isDamaged, bool isUnsettled)
{
    /// <summary>Replaces the boot after a clean shutdown: all positions are on disk, so a crash of the machine does not matter.</summary>
    public const string CleanShutdown = "-";

    /// <summary>Replaces the boot if something was damaged, so that the next start treats records as unconfirmed, too.</summary>
    private const string Damaged = "damaged";

    // For these reasons records are unconfirmed, regardless of Loki's answer.
    private readonly bool _isCertain = isDamaged || writtenBoot == Damaged || (writtenBoot is not (null or CleanShutdown) && writtenBoot != boot);

    private bool _isUnsettled = isUnsettled;
    private bool _isOver;
    private bool _isOlder;

    /// <summary>True if the machine was rebooted after positions had been written, and the agent had not shut down cleanly.</summary>
    public bool HasCrashed { get; } = writtenBoot is not (null or CleanShutdown or Damaged) && writtenBoot != boot;

    /// <summary>True once it is known whether there are unconfirmed records. Nothing may be read before that.</summary>
    public bool IsSettled => _isCertain || !_isUnsettled;

    /// <summary>True while there are unconfirmed records, or while this is unknown.</summary>
    public bool HasUnconfirmed => !_isOver && (_isCertain || _isOlder || _isUnsettled);

    /// <summary>True if Loki can't be asked, so that all records that it may have are sent again and counted.</summary>
    public bool CannotAskLoki { get; private set; }

    /// <summary>The boot that the checkpoints must name from now on.</summary>
    public string Boot => !HasUnconfirmed || !IsSettled ? boot : HasCrashed ? writtenBoot! : Damaged;

    /// <summary>Records whether Loki has records that the checkpoints don't know of.</summary>
    /// <param name="isOlder">True if Loki has, or may have, records that the checkpoints don't know of.</param>
    /// <param name="cannotAskLoki">True if Loki can't be asked which records these are.</param>
    public void Settle(bool isOlder, bool cannotAskLoki)
    {
        _isUnsettled = false;
        _isOlder = isOlder;
        CannotAskLoki = isOlder && cannotAskLoki;
    }

    /// <summary>
    /// Records that nothing is unconfirmed any more: Loki has acknowledged every record that may have been sent without the checkpoints' knowledge.
    /// </summary>
    public void MarkConfirmed()
    {
        _isUnsettled = false;
        _isOver = true;
    }
}
