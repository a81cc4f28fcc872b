using Shipper.Checkpoints;
using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Batching;

/// <summary>The state of a stream that a batch needs, for any kind of source.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
/// <param name="checkpoint">The persistent state of the stream.</param>
internal abstract class LogStream(StreamCheckpoint checkpoint)
{
    public StreamCheckpoint Checkpoint { get; } = checkpoint;

    /// <summary>The source under which its records are counted: label <c>source</c> of the metrics.</summary>
    public abstract string SourceName { get; }

    /// <summary>What has happened to its records since the agent started.</summary>
    public StreamActivity Activity { get; } = new();

    /// <summary>Time of the oldest of its records in a batch, in nanoseconds since 1970; set when the lane describes its streams.</summary>
    public long OldestBufferedNs { get; set; }

    /// <summary>How the stream may be sent, as a result of Loki's responses.</summary>
    public StreamPolicy Policy { get; } = new();

    /// <summary>The clock after the last record that was put into a batch.</summary>
    public StreamClock Clock { get; set; } = checkpoint.Clock;

    /// <summary>What the stages remember of the stream after its last record in a batch; null if they remember nothing.</summary>
    public StageMemory? Memory { get; set; }

    /// <summary>Returns the memory for the rules of the next records, and makes it fit them.</summary>
    /// <returns>Null if the rules remember nothing.</returns>
    public StageMemory? PrepareMemory(StreamRules rules)
    {
        if (!rules.HasMemory)
        {
            return null;
        }

        if (Memory is null)
        {
            Memory = new StageMemory();
            Memory.CopyFrom(Checkpoint.Memory);
        }

        Memory.Bind(rules.LimitNames);
        return Memory;
    }

    /// <summary>The time that its last moved record got, in nanoseconds since 1970; <see cref="StreamClock.None"/> if no record was moved.</summary>
    public long LastMovedNs { get; set; } = StreamClock.None;

    /// <summary>
    /// How far a record may be behind the stream's newest, in nanoseconds. Loki refused a record that was further behind, or would refuse it.
    /// </summary>
    public long MaxBehindNs { get; set; } = StreamClock.MaxBehindNs;

    /// <summary>
    /// The time before which Loki refused records of the stream, because it has newer ones than this agent has sent. In nanoseconds since 1970;
    /// <see cref="StreamClock.None"/> if Loki refused none.
    /// </summary>
    public long RefusedBeforeNs { get; set; } = StreamClock.None;

    /// <summary>
    /// The earliest time that Loki accepts for the stream, because it has newer records; in nanoseconds since 1970, <see cref="long.MinValue"/> if unknown. The
    /// agent does not even try an earlier time, because an ingester names only one refused stream of a request.
    /// </summary>
    public long EarliestNs => Math.Max(RefusedBeforeNs, LastMovedNs == StreamClock.None ? long.MinValue : LastMovedNs - MaxBehindNs);

    /// <summary>True if the records that are being read were written recently. If Loki finds such a record too old, the clock was wrong.</summary>
    public bool IsRecentlyWritten { get; set; }

    /// <summary>
    /// How likely Loki is to refuse the stream: 2 if it did so recently, 1 if it has not accepted the stream since the agent started or for a long time,
    /// otherwise 0. Riskier streams come later in a request, because an ingester's response names only the last stream that it refused.
    /// </summary>
    /// <param name="now">The current time, as returned by <see cref="UnixTime.GetMonotonicMicroseconds"/>.</param>
    public virtual int GetRisk(long now) => Policy.GetRisk(now);

    /// <summary>Notes that Loki refused the stream: its unacknowledged records will be read again.</summary>
    /// <param name="bytes">Refused bytes of the stream.</param>
    /// <param name="now">The current timestamp.</param>
    /// <param name="pausedUntil">The end of the pause, as a timestamp of the <see cref="TimeProvider"/>.</param>
    public void OnRefused(long bytes, long now, long pausedUntil)
    {
        Policy.OnRefused(bytes, now, pausedUntil);
        Clock = Checkpoint.Clock;
        Memory?.CopyFrom(Checkpoint.Memory);
        LastMovedNs = StreamClock.None;
    }

    /// <summary>Number of runs of this stream that are in a batch.</summary>
    public int RunsInBatches { get; set; }

    /// <summary>The last run that was started for this stream; null if its batch has been cleared.</summary>
    public Run? LastRun { get; set; }
}
