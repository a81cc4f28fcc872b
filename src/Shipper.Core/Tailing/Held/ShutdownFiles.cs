using Shipper.Checkpoints;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Held;

/// <summary>Saves the deleted files of a lane at shutdown, or hands all its files over to the agent's successor in this process.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class ShutdownFiles(StreamRegistry streams, LogDirectories directories, HeldBudget budget, TailingServices services) : IDisposable
{
    private readonly HeldSaver _saver = new(services);
    private bool _isSaving;

    /// <summary>Bytes on disk of files that disappear when the agent exits, including their acknowledged bytes.</summary>
    public long UnsavedBytes => HeldFiles.FindUnsaved(streams.All).Sum(held => held.Generation.Status.AllocatedBytes);

    /// <summary>Saves the next piece of the files that only open handles keep alive.</summary>
    /// <returns>False if nothing is left to save.</returns>
    public bool SaveStep()
    {
        if (!_isSaving)
        {
            // Find files that were deleted since the last check, and files that also exist compressed under another name.
            _isSaving = true;
            Scan(streams.Directories);
        }

        return _saver.Step() || _saver.Begin(streams.All);
    }

    /// <summary>Saves the files that kubelet deletes after the agent has stopped, within a time limit. Call after reading and sending have ended.</summary>
    /// <returns>The object that saves the agent's last messages; null if the agent's own log is not among the files.</returns>
    public OwnLogTail? SavePendingDeletion(TimeSpan atMost)
    {
        long start = services.Time.GetTimestamp();
        Scan(streams.DirectoriesPendingDeletion);
        _saver.BeginPendingDeletion(streams.All, budget.FreeBytes);
        while (services.Time.GetElapsedTime(start) < atMost && _saver.Step())
        {
        }

        return _saver.OwnLogTail;
    }

    /// <summary>Hands the open files over to the agent's successor. Call after reading has ended; the successor reads unacknowledged bytes again.</summary>
    /// <param name="files">Receives the files, by the number of their generation.</param>
    public void HandOver(Dictionary<int, InheritedFile> files)
    {
        var changes = new CheckpointChanges();
        Scan(streams.Directories);
        foreach (TailedStream stream in streams.All)
        {
            for (int place = 0; place < stream.Generations.Count; place++)
            {
                // A file that is still empty can be found by its name.
                Generation generation = stream.Generations[place];
                if (generation.Size == 0)
                {
                    continue;
                }

                files.Add(generation.Checkpoint.Id, new InheritedFile(generation.File.HandOver(), generation.IsGzip, generation.Name, place, generation.Progress.ReadEnd));
                if (files[generation.Checkpoint.Id].Handle is not null)
                {
                    // The successor finds the file only if the checkpoint has its generation.
                    generation.SaveIdentity(stream.Checkpoint, changes);
                }
            }
        }

        services.Checkpoints.Commit(changes);
    }

    public void Dispose() => _saver.Dispose();

    private void Scan(HashSet<string> directoryPaths)
    {
        foreach (string directory in directoryPaths)
        {
            directories.Scan(directory);
        }
    }
}
