using Shipper.Discovery.Rotation;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Goes on with the checkpoints of older versions of the agent.</summary>
internal static class OlderVersions
{
    /// <summary>
    /// Older versions read the live file alone if it was rotated to names like <c>audit-TIME.log</c>, and kept nothing of the rotated ones. What was rotated before
    /// the file that they read last had been read; there are no proofs in their checkpoints.
    /// </summary>
    /// <returns>The name of the oldest file that they kept; null if the checkpoint is not from such a version, or the file is gone.</returns>
    public static GenerationName? FindOldest(TailedStream stream, LogSeries series, List<(GenerationName Name, ulong Inode)> unknown)
    {
        List<Generation> known = [.. stream.Generations.Where(generation => generation.Series == series)];
        return !series.IsListed && !series.HasHeaders && known.Exists(generation => generation.Read.Max > 0)
            && known.TrueForAll(generation => generation.Handle is null && generation.Read.Max > 0 && !generation.Proof.IsKnown)
            && unknown.FindIndex(file => known.Exists(generation => generation.Checkpoint.Inode == file.Inode)) is >= 0 and var index
            ? unknown[index].Name
            : null;
    }
}
