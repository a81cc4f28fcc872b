using Shipper.Content;
using Shipper.Native;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Makes a new generation of a file that was truncated.</summary>
internal static class Truncations
{
    /// <summary>
    /// A file was truncated. What it holds now is a new generation; what it held may live on in a copy, which the next scan finds.
    /// </summary>
    /// <param name="services">What every part of tailing needs.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="generation">What the file held.</param>
    /// <returns>The generation that has the open file now; null if the file is only overwritten before it is deleted.</returns>
    public static Generation? Replace(TailingServices services, TailedStream stream, Generation generation)
    {
        FileEvents.FileTruncated(services.Logger, generation.Path);
        services.Metrics.TruncatedFiles.Add(1);
        generation.Fate = Fate.Truncated;
        FileStatus status = generation.Status;
        Span<byte> head = stackalloc byte[FileIdentity.MaxLength];
        FileContent content = FileContent.Look(generation.Handle!, status, head);
        if (!generation.Name.IsLive && TextProbe.IsOverwritten(content.HeadOf(head)))
        {
            generation.File.Detach()?.Dispose();
            stream.HasNews = true;
            return null;
        }

        var replacement = new Generation(
            generation.Series, generation.Name, services.Checkpoints.AddGeneration(stream.Checkpoint, generation.Series.LogPath(generation.Name)));
        replacement.Identify(content.HeadOf(head));
        replacement.Attach(generation.File.Detach()!, status, content);
        stream.Queue.Add(replacement);
        stream.HasNews = true;
        return replacement;
    }
}
