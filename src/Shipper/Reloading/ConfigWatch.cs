using Shipper.Native;

namespace Shipper.Reloading;

/// <summary>
/// Tells when the configuration file is another one: written anew, replaced, or reached through a link that leads elsewhere now, as
/// Kubernetes does with a ConfigMap. It is looked at each two seconds: kubelet takes up to a minute to bring a ConfigMap to the
/// node, and a look is one system call.
/// </summary>
/// <remarks><see cref="Hurry"/> is safe for concurrent use.</remarks>
internal sealed class ConfigWatch
{
    /// <summary>How often the file is looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly TimeProvider _time;
    private (ulong Device, ulong Inode, long Size, long ModifiedNs)? _known;
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="path">The file that is in use.</param>
    /// <param name="time">The clock.</param>
    public ConfigWatch(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _known = Look();
    }

    /// <summary>The file is to be read now, changed or not.</summary>
    public void Hurry() => Volatile.Read(ref _hurry).TrySetResult();

    /// <summary>
    /// Waits until the file is to be read again: it has changed, and not between the last two looks, so that it is not read half written.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    public async Task WaitAsync(CancellationToken stopping)
    {
        (ulong, ulong, long, long)? last = _known;
        while (true)
        {
            Task hurry = Volatile.Read(ref _hurry).Task;
            await hurry.WaitAsync(Interval, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stopping.ThrowIfCancellationRequested();
            (ulong, ulong, long, long)? found = Look();

            // One that is gone is not wanted: it is written anew, or mounted again.
            if (hurry.IsCompleted || (found is not null && found != _known && found == last))
            {
                Volatile.Write(ref _hurry, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                _known = found;
                return;
            }

            last = found;
        }
    }

    private (ulong, ulong, long, long)? Look() =>
        FileStatus.OfPath(_path, out FileStatus status) == 0 ? (status.Device, status.Inode, status.Size, status.ModifiedNs) : null;
}
