using Shipper.Checkpoints;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Held;

/// <summary>Saves the deleted files of a lane when the agent stops, or hands all of its files over to another agent in this process.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class FilesAtStop(StreamRegistry streams, LogDirectories directories, HeldBudget budget, TailingServices services) : IDisposable
{
    private readonly HeldSaver _saver = new(services);
    private bool _isSaving;

    /// <summary>Bytes on the disk that go with the agent, not all of them acknowledged.</summary>
    public long UnsavedBytes => HeldFiles.FindUnsaved(streams.All).Sum(held => held.Generation.Status.AllocatedBytes);

    /// <summary>Saves a piece of what only open files hold.</summary>
    /// <returns>False if nothing is left to save.</returns>
    public bool SaveStep()
    {
        if (!_isSaving)
        {
            // What was deleted since the last look, and what of it is there under another name, compressed.
            _isSaving = true;
            Scan(streams.Directories);
        }

        return _saver.Step() || _saver.Begin(streams.All);
    }

    /// <summary>Saves the files that kubelet deletes once the agent has stopped, within a time. Nothing is read or sent any more.</summary>
    /// <returns>What saves the last that the agent logs; null if its own log is not one of them.</returns>
    public LastWords? SaveGoing(TimeSpan atMost)
    {
        long start = services.Time.GetTimestamp();
        Scan(streams.GoingDirectories);
        _saver.BeginGoing(streams.All, budget.FreeBytes);
        while (services.Time.GetElapsedTime(start) < atMost && _saver.Step())
        {
        }

        return _saver.LastWords;
    }

    /// <summary>Hands the open files over to the agent that takes over. Nothing is read any more, and what was not acknowledged is read again.</summary>
    /// <param name="files">Gets them, by the number of their generation.</param>
    public void HandOver(Dictionary<int, OpenFile> files)
    {
        var changes = new CheckpointChanges();
        Scan(streams.Directories);
        foreach (TailedStream stream in streams.All)
        {
            for (int place = 0; place < stream.Generations.Count; place++)
            {
                // What is empty yet is found again under its name.
                Generation generation = stream.Generations[place];
                if (generation.Size == 0)
                {
                    continue;
                }

                files.Add(generation.Checkpoint.Id, new OpenFile(generation.File.HandOver(), generation.IsGzip, generation.Name, place, generation.Progress.End));
                if (files[generation.Checkpoint.Id].Handle is not null)
                {
                    // Only an agent that knows its generation finds it again.
                    generation.Touch(stream.Checkpoint, changes);
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
