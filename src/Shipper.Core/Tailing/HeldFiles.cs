namespace Shipper.Tailing;

/// <summary>Files that were deleted and are held open, or as a copy, because not all of them is acknowledged.</summary>
internal static class HeldFiles
{
    /// <summary>Adds up their bytes on the disk.</summary>
    public static long Sum(IEnumerable<TailedStream> streams) => Find(streams).Sum(held => held.Generation.Status.AllocatedBytes);

    /// <summary>Finds the one that was written to least recently.</summary>
    public static (TailedStream Stream, Generation Generation)? FindOldest(IEnumerable<TailedStream> streams) =>
        Find(streams).Select(held => ((TailedStream, Generation Generation)?)held).MinBy(held => held!.Value.Generation.Status.ModifiedNs);

    /// <summary>Finds those that go with the agent: no copy was saved, and no file has the same content under another name.</summary>
    public static IEnumerable<(TailedStream Stream, Generation Generation)> FindUnsaved(IEnumerable<TailedStream> streams) =>
        Find(streams).Where(held => held.Generation.Copy is null && !held.Generation.IsListed);

    private static IEnumerable<(TailedStream Stream, Generation Generation)> Find(IEnumerable<TailedStream> streams) =>
        streams.SelectMany(stream => stream.Generations, (stream, generation) => (stream, generation))
            .Where(held => held.generation.IsDeleted && !held.generation.IsAcknowledged);
}
