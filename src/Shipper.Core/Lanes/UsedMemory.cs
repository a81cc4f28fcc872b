namespace Shipper.Lanes;

/// <summary>
/// Tells when a lane's buffers hold much more memory than its batches need any more: they are allocated once, and a page that a burst wrote to
/// stays resident.
/// </summary>
/// <remarks>Owned by its lane; not safe for concurrent use.</remarks>
internal sealed class UsedMemory(TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Less is not worth it, in bytes.</summary>
    private const int MinBytes = 256 * 1024;

    private long _periodStart = time.GetTimestamp();
    private int _largest;
    private int _resident;

    /// <summary>A batch was sent.</summary>
    public void Count(int bytes)
    {
        _largest = Math.Max(_largest, bytes);
        _resident = Math.Max(_resident, bytes);
    }

    /// <summary>Asked while no batch holds anything: true where the buffers are to be given back, which is taken for done.</summary>
    public bool IsToBeReleased()
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
