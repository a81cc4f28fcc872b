namespace Shipper.Tailing;

/// <summary>Files that were deleted and are held open, because not all of them is acknowledged.</summary>
internal static class HeldFiles
{
    /// <summary>Adds up their bytes on the disk.</summary>
    public static long Sum(IEnumerable<TailedStream> streams) =>
        streams.SelectMany(stream => stream.Generations).Where(IsHeld).Sum(generation => generation.Status.AllocatedBytes);

    /// <summary>Finds the one that was written to least recently.</summary>
    public static (TailedStream Stream, Generation Generation)? FindOldest(IEnumerable<TailedStream> streams) =>
        streams.SelectMany(stream => stream.Generations, ((TailedStream Stream, Generation Generation)? (stream, generation) => (stream, generation)))
            .Where(held => IsHeld(held!.Value.Generation))
            .MinBy(held => held!.Value.Generation.Status.ModifiedNs);

    private static bool IsHeld(Generation generation) => generation.IsDeleted && !generation.IsAcknowledged;
}
