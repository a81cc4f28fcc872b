namespace Shipper.Lanes;

/// <summary>
/// Decides when to free the memory of a lane's buffers: when much more of it is resident than the lane's batches need now. The buffers are allocated once, and
/// a page that a burst wrote to stays resident.
/// </summary>
/// <remarks>Owned by its lane; not thread-safe.</remarks>
internal sealed class UsedMemory(TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Lower bound of the memory to free, in bytes.</summary>
    private const int MinBytes = 256 * 1024;

    private long _periodStart = time.GetTimestamp();
    private int _largest;
    private int _resident;

    /// <summary>Counts a batch that was sent.</summary>
    public void OnSent(int bytes)
    {
        _largest = Math.Max(_largest, bytes);
        _resident = Math.Max(_resident, bytes);
    }

    /// <summary>Returns true if the buffers should be freed, and assumes that the caller does so. Call it only while no batch holds records.</summary>
    public bool ShouldRelease()
    {
        long now = time.GetTimestamp();
        if (time.GetElapsedTime(_periodStart, now) < Period)
        {
            return false;
        }

        bool isLarge = _resident >= MinBytes && _largest < _resident / 4;
        _resident = isLarge ? _largest : _resident;
        _largest = 0;
        _periodStart = now;
        return isLarge;
    }
}
