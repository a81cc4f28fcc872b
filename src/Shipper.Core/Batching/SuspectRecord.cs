using System.IO.Hashing;

namespace Shipper.Batching;

/// <summary>A record that Loki refused in a request of its own, and the evidence that the record is the reason.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class SuspectRecord
{
    private ulong _hash;

    /// <summary>Number of consecutive refusals.</summary>
    public int Refusals { get; private set; }

    /// <summary>Number of refusals that came after Loki had accepted other records.</summary>
    public int RefusalsAfterOthersPassed { get; private set; }

    /// <summary>The time of the first refusal, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long FirstRefusedAt { get; private set; }

    /// <summary>Counts a refusal. A refusal of a different record restarts the count.</summary>
    /// <param name="record">The encoded record.</param>
    /// <param name="now">The current timestamp.</param>
    /// <param name="haveOthersPassed">True if Loki has accepted other records since the previous refusal.</param>
    public void CountRefusal(ReadOnlySpan<byte> record, long now, bool haveOthersPassed)
    {
        ulong hash = XxHash3.HashToUInt64(record);
        if (hash != _hash)
        {
            (_hash, Refusals, RefusalsAfterOthersPassed, FirstRefusedAt) = (hash, 0, 0, now);
        }

        Refusals++;
        RefusalsAfterOthersPassed += haveOthersPassed ? 1 : 0;
    }
}
