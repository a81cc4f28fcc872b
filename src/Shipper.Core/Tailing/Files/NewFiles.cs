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
    /// <param name="series">The log in the file's directory.</param>
    /// <param name="read">Number of the file's bytes that were already read from another place.</param>
    /// <param name="changes">Receives the changes to the checkpoint.</param>
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
