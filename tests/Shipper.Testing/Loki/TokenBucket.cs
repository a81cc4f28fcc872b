namespace Shipper.Testing.Loki;

/// <summary>A limit of bytes per second with a burst: full at first, and not used up by what it refuses, as Go's rate.Limiter.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class TokenBucket(long bytesPerSecond, long burstBytes, TimeProvider time)
{
    private double _tokens = burstBytes;
    private long _asOf = time.GetTimestamp();

    /// <summary>Tells whether so many bytes could be taken.</summary>
    public bool HasRoom(long bytes)
    {
        Fill();
        return bytes <= _tokens;
    }

    /// <summary>Takes so many bytes, all or none.</summary>
    public bool TryTake(long bytes)
    {
        if (!HasRoom(bytes))
        {
            return false;
        }

        _tokens -= bytes;
        return true;
    }

    private void Fill()
    {
        long now = time.GetTimestamp();
        _tokens = Math.Min(burstBytes, _tokens + (time.GetElapsedTime(_asOf, now).TotalSeconds * bytesPerSecond));
        _asOf = now;
    }
}
