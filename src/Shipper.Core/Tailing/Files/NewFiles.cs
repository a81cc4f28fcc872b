using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Files;

/// <summary>Adds files with unknown content as new generations.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class NewFiles(TailingServices services, FileBudget.Share files)
{
    private readonly StartFinder _startFinder = new(services.Time);

    /// <summary>Adds a file as a new generation.</summary>
    /// <param name="rotatedLog">The log in the file's directory.</param>
    /// <param name="read">Number of the file's bytes that were already read from another place.</param>
    /// <param name="changes">Receives the changes to the checkpoint.</param>
    public void Add(TailedStream stream, RotatedLog rotatedLog, FileCandidate file, long read, CheckpointChanges changes)
    {
        (GenerationName name, FileStatus status, long size) = (file.Name, file.Status, file.Size);
        GenerationCheckpoint checkpoint = services.Checkpoints.AddGeneration(stream.Checkpoint, rotatedLog.LogPathOf(name));
        var generation = new Generation(rotatedLog, name, checkpoint) { LastGrowth = services.Time.GetTimestamp() };
        generation.ExtendIdentity(file.Head);
        generation.Attach(file.Handle, status, file.Content);
        generation.Resend.MarkUnconfirmed(generation.Size, services.Checkpoints);
        long start = read > 0 || !rotatedLog.IsInitial || rotatedLog.IsListed ? read : _startFinder.Find(generation, stream.Kind);
        if (start > 0)
        {
            generation.Progress.SkipTo(start, isEnd: file.IsGzip && start >= size);
            generation.UpdateProof([]);
            changes.Updates.Add((stream.Checkpoint, new GenerationUpdate(checkpoint, generation.Identity, status.Inode, generation.ReadPosition, size, generation.Proof)));
            if (read == 0)
            {
                changes.LedgerUpdates.Add(new(checkpoint, new LedgerEntry(IsLost: false, DropReasons.BeforeStart, start)));
            }
        }

        FileEvents.FileFound(services.Logger, generation.Path, size, generation.ReadPosition.Min);
        stream.Queue.Add(generation);
        files.KeepOrPark(stream, generation);
    }
}
