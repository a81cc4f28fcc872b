using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Checkpoints;

/// <summary>
/// Disk access that must be completed before everything in memory survives a crash of the machine. <see cref="CheckpointPair"/> begins and ends it under its
/// owner's lock; the access itself needs no lock.
/// </summary>
internal abstract class DiskWork
{
    /// <summary>The exception that the work failed with; null if it succeeded.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Accesses the disk, and returns when the access is complete. Throws no exception: see <see cref="Failure"/>.</summary>
    public void Execute()
    {
        try
        {
            Run();
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            Failure = e;
        }
    }

    protected abstract void Run();
}

/// <summary>Flushes the appended frames of the log.</summary>
internal sealed class LogFlush(SafeFileHandle log) : DiskWork
{
    protected override void Run() => CheckpointFiles.FlushToDisk(log);
}

/// <summary>Writes a snapshot and deletes the files that it replaces.</summary>
/// <param name="content">The content of the whole file.</param>
/// <param name="oldest">Files with smaller numbers are deleted.</param>
internal sealed class SnapshotWrite(string directory, int number, byte[] content, int oldest) : DiskWork
{
    public int Number => number;

    /// <summary>The exception that a deletion failed with; null if all files were deleted.</summary>
    public Exception? DeletionFailure { get; private set; }

    protected override void Run()
    {
        CheckpointFiles.WriteSnapshot(directory, number, content);
        DeletionFailure = CheckpointFiles.DeleteBefore(directory, oldest);
    }
}
