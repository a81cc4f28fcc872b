using System.IO.Hashing;

namespace Shipper.Batching;

/// <summary>The record of a stream that is refused by itself, and what speaks for it being the reason.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
internal sealed class LoneRecord
{
    private ulong _hash;

    /// <summary>How often it was refused in a row.</summary>
    public int Errors { get; private set; }

    /// <summary>How often Loki took others between two refusals.</summary>
    public int OthersPassed { get; private set; }

    /// <summary>When it was refused first, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long FirstAt { get; private set; }

    /// <summary>It was refused again, or another one is now.</summary>
    /// <param name="record">The record, as it was sent.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="haveOthersPassed">True where Loki took others since it was refused before.</param>
    public void Fail(ReadOnlySpan<byte> record, long now, bool haveOthersPassed)
    {
        ulong hash = XxHash3.HashToUInt64(record);
        if (hash != _hash)
        {
            (_hash, Errors, OthersPassed, FirstAt) = (hash, 0, 0, now);
        }

        Errors++;
        OthersPassed += haveOthersPassed ? 1 : 0;
    }
}
