using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Files;

/// <summary>Takes up files that hold nothing that is known.</summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class NewFiles(TailingServices services, FileBudget.Share files)
{
    private readonly StartFinder _startFinder = new(services.Time);

    /// <summary>Takes up a file.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="series">Its log.</param>
    /// <param name="file">The file.</param>
    /// <param name="read">How much of it was read in another place.</param>
    /// <param name="changes">Gets the changes for the checkpoints.</param>
    public void Add(TailedStream stream, LogSeries series, FileCandidate file, long read, CheckpointChanges changes)
    {
        (GenerationName name, FileStatus status, long size) = (file.Name, file.Status, file.Size);
        GenerationCheckpoint checkpoint = services.Checkpoints.AddGeneration(stream.Checkpoint, series.LogPath(name));
        var generation = new Generation(series, name, checkpoint) { LastGrowth = services.Time.GetTimestamp() };
        generation.Identify(file.Head);
        generation.Attach(file.Handle, status, file.Content);
        generation.Resend.Suspect(generation.Size, services.Checkpoints);
        long start = read > 0 || !series.IsInitial || series.IsListed ? read : _startFinder.Find(generation, stream.Source);
        if (start > 0)
        {
            generation.Progress.Pass(start, isEnd: file.IsGzip && start >= size);
            generation.Prove([]);
            changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(checkpoint, generation.Identity, status.Inode, generation.Read, size, generation.Proof)));
            if (read == 0)
            {
                changes.Bookings.Add(new(checkpoint, new Booking(IsLost: false, DropReasons.BeforeStart, start)));
            }
        }

        FileEvents.FileFound(services.Logger, generation.Path, size, generation.Read.Min);
        stream.Queue.Add(generation);
        files.KeepOrPark(stream, generation);
    }
}
