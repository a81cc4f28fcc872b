using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Checkpoints;

/// <summary>
/// Keeps a second agent away from the state directory. During a rolling update two pods may run on one node: the second one waits until the first has ended.
/// The kernel releases the lock when the process that holds it ends, for whatever reason.
/// </summary>
internal sealed class StateLock : IDisposable
{
    /// <summary>Mode 0600.</summary>
    private const int OwnerOnly = 0x180;

    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly SafeFileHandle? _file;

    private StateLock(SafeFileHandle? file) => _file = file;

    /// <summary>Creates the directory if necessary, and acquires its lock. Waits for the lock up to a minute.</summary>
    /// <exception cref="StateUnavailableException">The directory can't be used, or its lock is still held.</exception>
    public static async Task<StateLock> AcquireAsync(string directory, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        string path = Path.Combine(directory, "lock");
        try
        {
            // Readable only by its owner, because the files contain pod names and paths.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            throw Unavailable(directory, e.Message);
        }

        // File.OpenHandle would acquire a lock of its own.
        int descriptor = Libc.Open(path, Libc.OpenReadWrite | Libc.OpenCreate | Libc.OpenCloseOnExec, OwnerOnly);
        if (descriptor < 0)
        {
            int openError = Marshal.GetLastPInvokeError();
            string message = Marshal.GetPInvokeErrorMessage(openError);
            if (openError != Libc.ErrorNoSpace)
            {
                throw Unavailable(directory, message);
            }

            CheckpointEvents.RunningUnlocked(logger, path, message);
            return new StateLock(null);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        long start = time.GetTimestamp();
        bool isWaiting = false;
        try
        {
            while (Libc.Lock(descriptor, Libc.LockExclusive | Libc.LockNonBlocking) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != Libc.ErrorTryAgain)
                {
                    CheckpointEvents.RunningUnlocked(logger, path, Marshal.GetPInvokeErrorMessage(error));
                    break;
                }

                if (time.GetElapsedTime(start) >= MaxWait)
                {
                    throw new StateUnavailableException(
                        $"Another agent has held {path} for {MaxWait.TotalSeconds:0} s. Two agents can't share a state directory: stop the other agent, or give this one its own state.path.");
                }

                if (!isWaiting)
                {
                    isWaiting = true;
                    CheckpointEvents.WaitingForLock(logger, path, MaxWait.TotalSeconds);
                }

                // A blocking flock can't be canceled, so poll.
                await Task.Delay(RetryInterval, time, stopping);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return new StateLock(file);
    }

    public void Dispose() => _file?.Dispose();

    private static StateUnavailableException Unavailable(string directory, string error) =>
        new($"state.path {directory} can't be used: {error.TrimEnd('.')}. Use a directory that the agent can write to and that outlives it.");
}
