using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Checkpoints;

/// <summary>What has to be waited for before everything in memory survives the machine. <see cref="CheckpointPair"/> begins and ends it under its owner's lock; the wait needs none.</summary>
internal abstract class DiskWork
{
    /// <summary>Why it failed; null if it did not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Waits for the disk. No exception is thrown: see <see cref="Failure"/>.</summary>
    public void Execute()
    {
        try
        {
            Wait();
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            Failure = e;
        }
    }

    protected abstract void Wait();
}

/// <summary>What was appended to the log is flushed.</summary>
internal sealed class LogFlush(SafeFileHandle log) : DiskWork
{
    protected override void Wait() => CheckpointFiles.FlushToDisk(log);
}

/// <summary>A snapshot is written, and the files that it replaces are deleted.</summary>
/// <param name="directory">Where the files are.</param>
/// <param name="number">The number of the snapshot.</param>
/// <param name="content">The whole file.</param>
/// <param name="oldest">Files with smaller numbers are deleted.</param>
internal sealed class SnapshotWrite(string directory, int number, byte[] content, int oldest) : DiskWork
{
    public int Number => number;

    /// <summary>Why a file could not be deleted; null if all were.</summary>
    public Exception? DeletionFailure { get; private set; }

    protected override void Wait()
    {
        CheckpointFiles.WriteSnapshot(directory, number, content);
        DeletionFailure = CheckpointFiles.DeleteBefore(directory, oldest);
    }
}
