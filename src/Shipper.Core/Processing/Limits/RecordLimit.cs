using Shipper.Processing.Levels;
using Shipper.Processing.Rules;

namespace Shipper.Processing.Limits;

/// <summary>
/// A limit on the bytes and records per second of one stream: the generic cell rate algorithm (ITU-T I.371, annex A). It is a bucket that fills with records,
/// and leaks at the rate of the limit. Its whole state is one time: when it will be empty, because everything so far will have passed. Bytes and records each
/// have such a time in <see cref="LimitMemory"/>. A record is within the limit if the bucket will be empty within <see cref="LimitOptions.Burst"/>: that of
/// records with the record, that of bytes before it, so that a record which is larger than the burst can pass.
/// </summary>
/// <remarks>Immutable and thread-safe. Now is the record's own time (<see cref="LimitClock"/>).</remarks>
/// <param name="options">The limit.</param>
/// <param name="slot">Index of its memory in <see cref="StageMemory.Limits"/>.</param>
internal sealed class RecordLimit(LimitOptions options, int slot)
{
    /// <summary>
    /// A limit that slows a container down delays no record by more than this. It also bounds how long a container waits after the limit was raised, or after
    /// the clock was wrong.
    /// </summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    private const string Stage = "limit";

    // A record is smaller than a batch, which Loki accepts up to this size.
    private const int MaxRecordBytes = 4 * 1024 * 1024;

    private readonly string _name = options.Name;
    private readonly OverLimit _over = options.Over;
    private readonly LimitRate _bytes = new(options.Bytes, MaxRecordBytes, options.Burst, options.Over == OverLimit.Slow ? MaxDelay : TimeSpan.Zero);
    private readonly LimitRate _lines = new(options.Lines, 1, options.Burst, options.Over == OverLimit.Slow ? MaxDelay : TimeSpan.Zero);
    private readonly long _burstNs = LimitClock.ToNs(options.Burst);

    // A record more than the burst is over the limit, but one record always passes.
    private readonly long _lineNs = Math.Min(LimitClock.ToNs(options.Burst), LimitRate.CostNs(1, options.Lines));
    private readonly long _lineCostNs = LimitRate.CostNs(1, options.Lines);
    private readonly RecordHash _hash = new(options.Name);

    /// <summary>Index of the limit's memory in <see cref="StageMemory.Limits"/>.</summary>
    public int Slot { get; } = slot;

    /// <summary>The text that reports what was over the limit.</summary>
    public LimitReport Report { get; } = new(options);

    /// <summary>Applies the limit to a record.</summary>
    /// <remarks>
    /// <para><see cref="OverLimit.Drop"/> drops a record over the limit. It does not fill the bucket, so what is sent uses the limit fully.</para>
    /// <para>
    /// <see cref="OverLimit.Sample"/> does the same to records of level error and above. It keeps all others while the bucket is at most half full. Then the share
    /// that it keeps falls linearly, to none when the bucket is full. So what is left is spread evenly, and there is room for errors.
    /// </para>
    /// <para>
    /// <see cref="OverLimit.Slow"/> drops nothing. A record over the limit counts as read later, and raises <see cref="StageContext.HeldBackUntilNs"/> to the time
    /// from which the next record would be within the limit: the later of the two times in memory after the record, minus the burst. That is a time on the
    /// clock of the records. A container whose records are an hour old need not wait until half an hour ago. It is at most <see cref="MaxDelay"/> after the
    /// record.
    /// </para>
    /// </remarks>
    public StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        context.MatchedLimit = _name;
        ref LimitMemory memory = ref context.Memory.Limits[Slot];
        long now = LimitClock.Advance(ref memory, draft.TimestampNs);
        int bytes = (int)Math.Min(draft.Line.Length, draft.Length);
        long bytesDue = _bytes.DueNs(memory.BytesDueNs, now);
        long linesDue = _lines.DueNs(memory.LinesDueNs, now);
        long used = LimitClock.Subtract(Used(bytesDue, linesDue), now);
        bool isOver = _over == OverLimit.Sample ? !IsSampled(in draft, used) : used > _burstNs;
        if (isOver)
        {
            CountOver(ref memory, now, bytes);
            context.Count(Stage, _name, 1, bytes);
            if (_over != OverLimit.Slow)
            {
                draft.DropReason = _name;
                return StageVerdict.Drop;
            }
        }

        memory.BytesDueNs = LimitClock.Add(bytesDue, _bytes.CostNs(bytes));
        memory.LinesDueNs = LimitClock.Add(linesDue, _lineCostNs);
        if (isOver)
        {
            long until = LimitClock.Subtract(Used(memory.BytesDueNs, memory.LinesDueNs), _burstNs);
            context.HeldBackUntilNs = Math.Max(context.HeldBackUntilNs, Math.Min(until, LimitClock.Add(now, LimitClock.ToNs(MaxDelay))));
        }

        return StageVerdict.Keep;
    }

    /// <summary>Returns when the bucket that is fuller will be empty.</summary>
    private long Used(long bytesDueNs, long linesDueNs) => Math.Max(bytesDueNs, LimitClock.Add(linesDueNs, _lineNs));

    private static void CountOver(ref LimitMemory memory, long now, int bytes)
    {
        memory.SinceNs = memory.Records == 0 ? now : memory.SinceNs;
        memory.Records++;
        memory.Bytes += bytes;
    }

    /// <summary>Returns true if sampling keeps a record.</summary>
    /// <param name="used">How full the bucket is: when it will be empty, in nanoseconds from now.</param>
    private bool IsSampled(scoped in RecordDraft draft, long used)
    {
        long half = _burstNs / 2;
        if (used <= half || draft.Level >= RecordLevel.Error)
        {
            return used <= _burstNs;
        }

        return used < _burstNs && (long)(_hash.Of(in draft) % (ulong)(_burstNs - half)) < _burstNs - used;
    }
}
