using Shipper.Native;

namespace Shipper.Reloading;

/// <summary>
/// Detects that the configuration file has changed: it was rewritten or replaced, or a link on its path has a new target, as when
/// Kubernetes updates a ConfigMap. The file is checked every two seconds: kubelet takes up to a minute to bring a ConfigMap to the
/// node, and a check is one system call.
/// </summary>
/// <remarks><see cref="ReloadNow"/> is thread-safe.</remarks>
internal sealed class ConfigWatch
{
    /// <summary>How often the file is checked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly TimeProvider _time;
    private (ulong Device, ulong Inode, long Size, long ModifiedNs)? _known;
    private TaskCompletionSource _reloadNow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="path">The configuration file.</param>
    /// <param name="time">The clock.</param>
    public ConfigWatch(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _known = Stat();
    }

    /// <summary>Ends the wait immediately, whether or not the file has changed.</summary>
    public void ReloadNow() => Volatile.Read(ref _reloadNow).TrySetResult();

    /// <summary>
    /// Waits until the file must be read again: it has changed, and then stayed the same for one interval, so that a half-written file is not read.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled first.</exception>
    public async Task WaitAsync(CancellationToken stopping)
    {
        (ulong, ulong, long, long)? last = _known;
        while (true)
        {
            Task reloadNow = Volatile.Read(ref _reloadNow).Task;
            await reloadNow.WaitAsync(Interval, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stopping.ThrowIfCancellationRequested();
            (ulong, ulong, long, long)? found = Stat();

            // A missing file is not a change: it is being rewritten or remounted.
            if (reloadNow.IsCompleted || (found is not null && found != _known && found == last))
            {
                Volatile.Write(ref _reloadNow, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                _known = found;
                return;
            }

            last = found;
        }
    }

    private (ulong, ulong, long, long)? Stat() =>
        FileStatus.OfPath(_path, out FileStatus status) == 0 ? (status.Device, status.Inode, status.Size, status.ModifiedNs) : null;
}
