using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;

namespace Shipper.Tailing;

/// <summary>
/// Saves what only open files hold when the agent was told to stop: a piece at a time, so that answers are heard meanwhile.
/// </summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
internal sealed class HeldSaver(CheckpointStore checkpoints, ILogger logger) : IDisposable
{
    private Queue<(TailedStream Stream, Generation Generation)>? _unsaved;
    private Generation? _generation;
    private HeldCopyWriter? _writer;
    private int _files;

    public bool IsBegun => _unsaved is not null;

    /// <summary>Takes up the files, the oldest first.</summary>
    public void Begin(IEnumerable<TailedStream> streams)
    {
        _unsaved = new Queue<(TailedStream, Generation)>(HeldFiles.FindUnsaved(streams).OrderBy(held => held.Generation.Status.ModifiedNs));
        var changes = new CheckpointChanges();
        foreach ((TailedStream stream, Generation generation) in _unsaved)
        {
            // A copy is only found again by who knows its generation.
            changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(
                generation.Checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size)));
        }

        checkpoints.Commit(changes);
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

        try
        {
            if (_writer!.Step() is { } copy)
            {
                _generation!.Copy = copy;
                _files++;
                EndFile();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TailingLog.HeldFileNotSaved(logger, _generation!.Path, e.Message.TrimEnd('.'));
            EndFile();
        }

        return true;
    }

    public void Dispose() => EndFile();

    private bool TryBeginFile()
    {
        while (_unsaved!.TryDequeue(out (TailedStream Stream, Generation Generation) next))
        {
            _generation = next.Generation;
            if (_generation.Handle is null || _generation.IsAcknowledged)
            {
                // What was under way was answered since.
                continue;
            }

            try
            {
                _writer = checkpoints.Held.Begin(
                    _generation.Checkpoint.Id, _generation.Handle, _generation.IsGzip, _generation.Checkpoint.Acknowledged.Min, _generation.Status.ModifiedNs);
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
