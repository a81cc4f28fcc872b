using Shipper.Content;
using Shipper.Native;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Handles truncated files.</summary>
internal static class Truncations
{
    /// <summary>
    /// Replaces the generation of a truncated file by a new one for the file's current content. The old content may still exist in a copy, which the next
    /// scan finds.
    /// </summary>
    /// <param name="generation">The generation with the old content.</param>
    /// <returns>The generation that now owns the open file; null if the file is only being overwritten before its deletion.</returns>
    public static Generation? Replace(TailingServices services, TailedStream stream, Generation generation)
    {
        FileEvents.FileTruncated(services.Logger, generation.Path);
        services.Metrics.TruncatedFiles.Add(1);
        generation.Fate = Fate.Truncated;
        FileStatus status = generation.Status;
        Span<byte> head = stackalloc byte[FileIdentity.MaxLength];
        FileContent content = FileContent.Inspect(generation.Handle!, status, head);
        if (!generation.Name.IsLive && OverwriteDetector.IsOverwritten(content.HeadOf(head)))
        {
            generation.File.Detach()?.Dispose();
            stream.HasFileChanges = true;
            return null;
        }

        var replacement = new Generation(
            generation.Log, generation.Name, services.Checkpoints.AddGeneration(stream.Checkpoint, generation.Log.LogPathOf(generation.Name)));
        replacement.ExtendIdentity(content.HeadOf(head));
        replacement.Attach(generation.File.Detach()!, status, content);
        stream.Queue.Add(replacement);
        stream.HasFileChanges = true;
        return replacement;
    }
}
