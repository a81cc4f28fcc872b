namespace Shipper.Testing.Loki;

/// <summary>A rate limit in bytes per second with a burst, like Go's rate.Limiter. The bucket is full at first, and refused bytes take no tokens.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class TokenBucket(long bytesPerSecond, long burstBytes, TimeProvider time)
{
    private double _tokens = burstBytes;
    private long _asOf = time.GetTimestamp();

    /// <summary>Returns true if this number of bytes can be taken.</summary>
    public bool HasRoom(long bytes)
    {
        Fill();
        return bytes <= _tokens;
    }

    /// <summary>Takes this number of bytes, or none.</summary>
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
