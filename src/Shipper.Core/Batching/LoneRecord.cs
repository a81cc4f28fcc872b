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

    /// <summary>It was refused again, or another one is now.</summary>
    /// <param name="record">The record, as it was sent.</param>
    /// <param name="haveOthersPassed">True where Loki took others since it was refused before.</param>
    public void Fail(ReadOnlySpan<byte> record, bool haveOthersPassed)
    {
        ulong hash = XxHash3.HashToUInt64(record);
        if (hash != _hash)
        {
            (_hash, Errors, OthersPassed) = (hash, 0, 0);
        }

        Errors++;
        OthersPassed += haveOthersPassed ? 1 : 0;
    }
}
