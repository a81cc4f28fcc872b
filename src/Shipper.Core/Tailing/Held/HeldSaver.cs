using System.Runtime.InteropServices;
using Shipper.Checkpoints;
using Shipper.Native;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Held;

/// <summary>
/// Saves the files that only open handles keep alive when the agent shuts down, a piece at a time, so that Loki's responses are processed in between. At the
/// very end saves the files that kubelet deletes after the agent has stopped.
/// </summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class HeldSaver(TailingServices services) : IDisposable
{
    private readonly Queue<(Generation Generation, long ModifiedNs)> _unsaved = [];

    // A file is not retried: if the disk was full, it still is.
    private readonly HashSet<Generation> _seen = [];
    private Generation? _generation;
    private HeldCopyWriter? _writer;
    private int _revision;
    private int _files;

    /// <summary>Saves the messages that the agent logs from now on; null if its own log was not saved.</summary>
    public OwnLogTail? OwnLogTail { get; private set; }

    /// <summary>Queues the deleted files that were not queued before, oldest first.</summary>
    /// <returns>True if there were any.</returns>
    public bool Begin(IEnumerable<TailedStream> streams) => Begin(HeldFiles.Find(streams), freeBytes: 0);

    /// <summary>Queues the deleted files and those that will be deleted after the agent has stopped.</summary>
    /// <param name="freeBytes">Maximum number of bytes to save of files that are not deleted yet.</param>
    /// <returns>True if there were any.</returns>
    public bool BeginPendingDeletion(IEnumerable<TailedStream> streams, long freeBytes) => Begin(HeldFiles.FindPendingDeletion(streams), freeBytes);

    private bool Begin(IEnumerable<(TailedStream, Generation)> files, long freeBytes)
    {
        var changes = new CheckpointChanges();
        foreach ((TailedStream stream, Generation generation, long modifiedNs) in TimesInOrder(files)
            .OrderByDescending(file => file.Generation.Log.Attributes.IsOwnLog).ThenBy(file => file.ModifiedNs))
        {
            bool isPendingDeletion = HeldFiles.IsPendingDeletion(generation);
            if (isPendingDeletion && (freeBytes -= generation.LagBytes) < 0)
            {
                HeldEvents.HeldFileNotSaved(services.Logger, generation.Path, "sources.containers.heldBytes is used up");
                continue;
            }

            if (generation.File.Copy is { } copy)
            {
                if (modifiedNs != generation.Status.ModifiedNs)
                {
                    copy.SetTime(modifiedNs);
                    generation.File.Status = generation.Status with { ModifiedNs = modifiedNs };
                }
            }
            else if ((isPendingDeletion || !generation.IsListed) && generation.Identity.Length > 0 && _seen.Add(generation))
            {
                // The next start finds the copy only if the checkpoint has its generation.
                generation.SaveIdentity(stream.Checkpoint, changes);
                _unsaved.Enqueue((generation, modifiedNs));
            }
        }

        services.Checkpoints.Commit(changes);
        return _unsaved.Count > 0;
    }

    /// <summary>Saves the next piece.</summary>
    /// <returns>False if nothing is left to save.</returns>
    public bool Step()
    {
        if (_writer is null && !TryBeginFile())
        {
            if (_files > 0)
            {
                HeldEvents.HeldFilesSaved(services.Logger, _files);
                _files = 0;
            }

            return false;
        }

        if (_generation!.File.Revision != _revision)
        {
            // The file was acknowledged or released in the meantime.
            EndFile();
            return true;
        }

        try
        {
            if (_writer!.Step() is { } copy)
            {
                if (_generation.IsDeleted)
                {
                    _generation.File.Copy = copy;
                }
                else if (_generation.Log.Attributes.IsOwnLog && _generation.Name.IsLive)
                {
                    OwnLogTail = new OwnLogTail(_generation.Path, _generation.Status, copy.Path, _writer.Position);
                }

                _files++;
                EndFile();
            }
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            HeldEvents.HeldFileNotSaved(services.Logger, _generation.Path, e.MessageWithoutPeriod());
            EndFile();
        }

        return true;
    }

    public void Dispose() => EndFile();

    /// <summary>
    /// Returns the modification times for the copies. The times must show the order within a stream, in steps of 100 ns, the resolution of a file's time. The
    /// files' own times don't: two files may have been written to within one clock tick of the file system, and a compressed file has the time of its
    /// compression.
    /// </summary>
    private static IEnumerable<(TailedStream Stream, Generation Generation, long ModifiedNs)> TimesInOrder(IEnumerable<(TailedStream, Generation)> files)
    {
        TailedStream? last = null;
        long lastNs = 0;
        foreach ((TailedStream stream, Generation generation) in files)
        {
            long modifiedNs = generation.Status.ModifiedNs / TimeSpan.NanosecondsPerTick * TimeSpan.NanosecondsPerTick;
            lastNs = stream == last && modifiedNs <= lastNs ? lastNs + TimeSpan.NanosecondsPerTick : modifiedNs;
            last = stream;
            yield return (stream, generation, lastNs);
        }
    }

    private bool TryBeginFile()
    {
        while (_unsaved.TryDequeue(out (Generation Generation, long ModifiedNs) next))
        {
            _generation = next.Generation;
            int error = _generation.IsParked && _generation.File.Copy is null ? _generation.Reopen() : 0;
            if (error != 0)
            {
                HeldEvents.HeldFileNotSaved(services.Logger, _generation.Path, Marshal.GetPInvokeErrorMessage(error));
                continue;
            }

            if (_generation.Handle is null || (_generation.IsAcknowledged && !HeldFiles.IsPendingDeletion(_generation)))
            {
                // The push in flight was acknowledged in the meantime.
                continue;
            }

            try
            {
                _writer = services.Copies.Begin(
                    _generation.Checkpoint.Id, _generation.Handle, _generation.IsGzip, _generation.Start, _generation.Checkpoint.Acknowledged.Min, next.ModifiedNs);
                _revision = _generation.File.Revision;
                return true;
            }
            catch (Exception e) when (IoFailure.Is(e))
            {
                HeldEvents.HeldFileNotSaved(services.Logger, _generation.Path, e.MessageWithoutPeriod());
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
