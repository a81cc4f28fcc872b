using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;

namespace Shipper.Tailing;

/// <summary>
/// Saves what only open files hold when the agent was told to stop: a piece at a time, so that answers are heard meanwhile.
/// </summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
internal sealed class HeldSaver(CheckpointStore checkpoints, ILogger logger) : IDisposable
{
    private readonly Queue<Generation> _unsaved = [];

    // Not tried again: the disk that was full still is.
    private readonly HashSet<Generation> _seen = [];
    private Generation? _generation;
    private HeldCopyWriter? _writer;
    private int _revision;
    private int _files;

    /// <summary>Takes up the files that it did not have yet, the oldest first.</summary>
    /// <returns>True where there were any.</returns>
    public bool Begin(IEnumerable<TailedStream> streams)
    {
        var changes = new CheckpointChanges();
        foreach ((TailedStream stream, Generation generation) in HeldFiles.FindUnsaved(streams).OrderBy(held => held.Generation.Status.ModifiedNs))
        {
            if (_seen.Add(generation))
            {
                // A copy is only found again by who knows its generation.
                changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(
                    generation.Checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size)));
                _unsaved.Enqueue(generation);
            }
        }

        checkpoints.Commit(changes);
        return _unsaved.Count > 0;
    }

    /// <summary>Saves a piece.</summary>
    /// <returns>False where nothing is left to save.</returns>
    public bool Step()
    {
        if (_writer is null && !TryBeginFile())
        {
            if (_files > 0)
            {
                TailingLog.HeldFilesSaved(logger, _files);
                _files = 0;
            }

            return false;
        }

        if (_generation!.Revision != _revision)
        {
            // It was acknowledged meanwhile, or let go.
            EndFile();
            return true;
        }

        try
        {
            if (_writer!.Step() is { } copy)
            {
                _generation.Copy = copy;
                _files++;
                EndFile();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TailingLog.HeldFileNotSaved(logger, _generation.Path, e.Message.TrimEnd('.'));
            EndFile();
        }

        return true;
    }

    public void Dispose() => EndFile();

    private bool TryBeginFile()
    {
        while (_unsaved.TryDequeue(out _generation))
        {
            if (_generation.Handle is null || _generation.IsAcknowledged)
            {
                // What was under way was answered since.
                continue;
            }

            try
            {
                _writer = checkpoints.Held.Begin(
                    _generation.Checkpoint.Id, _generation.Handle, _generation.IsGzip, _generation.Checkpoint.Acknowledged.Min, _generation.Status.ModifiedNs);
                _revision = _generation.Revision;
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                TailingLog.HeldFileNotSaved(logger, _generation.Path, e.Message.TrimEnd('.'));
            }
        }

        return false;
    }

    private void EndFile()
    {
        _writer?.Dispose();
        _writer = null;
        _generation = null;
    }
}
