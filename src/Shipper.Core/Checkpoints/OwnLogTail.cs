using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Checkpoints;

/// <summary>Appends the last lines of the agent's own log to its saved copy, as the last act of the process.</summary>
/// <param name="Status">The file's status when it was copied. If its name leads to another file by now, nothing is appended.</param>
/// <param name="Position">Offset in bytes up to which the copy is complete.</param>
internal sealed record OwnLogTail(string LogPath, FileStatus Status, string CopyPath, long Position)
{
    // The container runtime takes a few milliseconds to write lines from the pipe to the file.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private const int MaxRounds = 10;
    private const int QuietRounds = 2;

    /// <summary>Copies new lines until none have arrived for a while, for at most half a second.</summary>
    public async Task SaveAsync(TimeProvider time)
    {
        long position = Position;
        try
        {
            using SafeFileHandle log = File.OpenHandle(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (FileStatus.OfHandle(log, out FileStatus present) != 0 || (present.Device, present.Inode) != (Status.Device, Status.Inode))
            {
                return;
            }

            using SafeFileHandle copy = File.OpenHandle(CopyPath, FileMode.Open, FileAccess.Write);
            var buffer = new byte[64 * 1024];
            for (int round = 0, quiet = 0; round < MaxRounds && quiet < QuietRounds; round++, quiet++)
            {
                // The runtime writes the agent's last lines some time after they were logged, without any notification.
                await Task.Delay(Interval, time);
                for (int length; (length = RandomAccess.Read(log, buffer, position)) > 0; position += length, quiet = 0)
                {
                    CheckpointFiles.Write(copy, buffer.AsSpan(0, length), position);
                }
            }

            CheckpointFiles.FlushToDisk(copy);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // The process is about to end, so nobody would read a message.
        }
    }
}
