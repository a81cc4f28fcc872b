using Shipper.Discovery.Rotation;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Handles checkpoints of older versions of the agent.</summary>
internal static class OlderCheckpoints
{
    /// <summary>
    /// Finds the oldest file in the checkpoint of an older version. For files rotated to names like <c>audit-TIME.log</c>, older versions read only the live
    /// file and stored nothing about the rotated files. All files rotated before the one that they read last had been read. Checkpoints of these versions
    /// have no proofs.
    /// </summary>
    /// <returns>The name of the oldest file in the checkpoint; null if a newer version wrote the checkpoint, or if the file is gone.</returns>
    public static GenerationName? FindOldest(TailedStream stream, RotatedLog rotatedLog, List<(GenerationName Name, ulong Inode)> unknown)
    {
        List<Generation> known = [.. stream.Generations.Where(generation => generation.Log == rotatedLog)];
        return !rotatedLog.IsListed && !rotatedLog.HasHeaders && known.Exists(generation => generation.ReadPosition.Max > 0)
            && known.TrueForAll(generation => generation.Handle is null && generation.ReadPosition.Max > 0 && !generation.Proof.IsKnown)
            && unknown.FindIndex(file => known.Exists(generation => generation.Checkpoint.Inode == file.Inode)) is >= 0 and var index
            ? unknown[index].Name
            : null;
    }
}
