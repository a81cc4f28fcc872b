namespace Shipper.Processing;

/// <summary>Processes whole records, one at a time.</summary>
/// <remarks>
/// All lanes share a stage, so it has no state of its own; what it has to remember of a stream is in <see cref="StageContext.Memory"/>. It keeps no part of a
/// record after it returns, so positions in files never wait for a stage. It must always decide the same for the same record and memory, because a record that
/// is read again must be sent in the same form: it must not use a clock or random numbers.
/// </remarks>
internal abstract class ProcessingStage
{
    /// <summary>
    /// Decides whether to keep a record, and may change it. Called for every record, so it must not allocate. A stage that drops a record sets
    /// <see cref="RecordDraft.DropReason"/>.
    /// </summary>
    public abstract StageVerdict Apply(ref RecordDraft draft, StageContext context);
}
