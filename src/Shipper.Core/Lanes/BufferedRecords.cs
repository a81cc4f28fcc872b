using Shipper.Batching;

namespace Shipper.Lanes;

/// <summary>The records that a lane has read and Loki has not acknowledged yet.</summary>
/// <remarks>Updated by its lane; reading is thread-safe.</remarks>
internal sealed class BufferedRecords
{
    private long _bytes;
    private int _records;
    private long _oldestNs = long.MaxValue;

    /// <summary>Their encoded size in bytes.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Their number.</summary>
    public int Records => Volatile.Read(ref _records);

    /// <summary>Time of the oldest record, in nanoseconds since 1970; <see cref="long.MaxValue"/> if there is none.</summary>
    public long OldestNs => Volatile.Read(ref _oldestNs);

    /// <summary>Notes in each stream how old its oldest record in a batch is.</summary>
    /// <param name="filling">The batch that is being filled.</param>
    /// <param name="inFlight">The batch with the older records; it may be empty.</param>
    public static void NoteAges(Batch filling, Batch inFlight)
    {
        NoteAges(filling);
        NoteAges(inFlight);
    }

    /// <summary>Updates the values.</summary>
    /// <param name="filling">The batch that is being filled.</param>
    /// <param name="inFlight">The batch that is in flight; null if there is none.</param>
    public void Update(Batch filling, Batch? inFlight)
    {
        Volatile.Write(ref _oldestNs, Math.Min(filling.OldestNs, inFlight?.OldestNs ?? long.MaxValue));
        Volatile.Write(ref _records, filling.Records + (inFlight?.Records ?? 0));
        Volatile.Write(ref _bytes, filling.Bytes.Length + (inFlight?.Bytes.Length ?? 0));
    }

    /// <summary>From the newest run to the oldest, so that the oldest has the last word.</summary>
    private static void NoteAges(Batch batch)
    {
        for (int i = batch.Runs.Length - 1; i >= 0; i--)
        {
            Run run = batch.Runs[i];
            run.Stream.OldestBufferedNs = run is { Records: > 0, FirstOwnNs: > 0 } ? run.FirstOwnNs : long.MaxValue;
        }
    }
}
