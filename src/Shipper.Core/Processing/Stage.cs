namespace Shipper.Processing;

/// <summary>One step on one whole record.</summary>
/// <remarks>
/// Shared by all lanes, so it has no state of its own, and holds nothing of a record when it returns: positions in files never wait for it. It must decide the same for the
/// same record, because a record that is read again has to come out as it was sent.
/// </remarks>
internal abstract class Stage
{
    /// <summary>Why the stage drops records, one of <see cref="Telemetry.DropReasons"/>.</summary>
    public abstract string Reason { get; }

    /// <summary>Looks at a record, and may change it. Called for each record, so it must not allocate.</summary>
    public abstract Verdict Apply(ref Draft draft);
}
