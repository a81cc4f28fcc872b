namespace Shipper.Processing;

/// <summary>Processes whole records, one at a time.</summary>
/// <remarks>
/// All lanes share a stage, so it has no state. It keeps no part of a record after it returns, so positions in files never wait for a stage. It must always
/// decide the same for the same record, because a record that is read again must be sent in the same form.
/// </remarks>
internal abstract class ProcessingStage
{
    /// <summary>Why the stage drops records: one of <see cref="Telemetry.DropReasons"/>.</summary>
    public abstract string Reason { get; }

    /// <summary>Decides whether to keep a record, and may change it. Called for every record, so it must not allocate.</summary>
    public abstract StageVerdict Apply(ref RecordDraft draft);
}
