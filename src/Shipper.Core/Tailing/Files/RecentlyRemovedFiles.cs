using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>
/// Remembers for a while how far files were read that are gone now. They may reappear elsewhere: their directory may have been copied to another disk, and
/// deleted before the link to it was changed.
/// </summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class RecentlyRemovedFiles(TimeProvider time)
{
    private const int MaxFiles = 2_000;

    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    private readonly Queue<RemovedFile> _files = new();

    /// <summary>Adds a generation that is being removed from its stream.</summary>
    public void Add(TailedStream stream, Generation generation)
    {
        while (_files.TryPeek(out RemovedFile? oldest) && (_files.Count >= MaxFiles || time.GetElapsedTime(oldest.Since) > MaxAge))
        {
            _files.Dequeue();
        }

        // A few bytes don't identify a file: many files start with the same bytes.
        if (generation.Identity.Length == FileIdentity.MaxLength)
        {
            _files.Enqueue(new RemovedFile(time.GetTimestamp(), stream.Checkpoint.Key, generation.Identity, generation.Proof, generation.ReadPosition.Max));
        }
    }

    /// <summary>Finds how far a file was read before it disappeared.</summary>
    /// <returns>The position; 0 if the file is unknown.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public long FindPosition(StreamCheckpoint stream, FileCandidate file, bool mayBeHeading)
    {
        foreach (RemovedFile known in _files)
        {
            if (known.Key == stream.Key && known.Identity.Matches(file.Head) && time.GetElapsedTime(known.Since) <= MaxAge
                && (!mayBeHeading || (known.Proof.IsKnown && known.Proof.Matches(file.Handle, file.IsGzip))))
            {
                return Math.Min(known.Position, file.Size);
            }
        }

        return 0;
    }

    private sealed record RemovedFile(long Since, string Key, FileIdentity Identity, FileProof Proof, long Position);
}
