namespace Shipper.Tailing.Streams;

/// <summary>What reading asks and tells the lane.</summary>
internal interface ITailingObserver
{
    /// <summary>
    /// All of a rotated generation is read. Before reading goes on, the directory is listed again: what was rotated
    /// between two scans stands between this one and the newest.
    /// </summary>
    void BeforeNextGeneration(Generation generation);

    /// <summary>Bytes are gone that were not read.</summary>
    void BytesLost(TailedStream stream, Generation generation, string reason, long bytes);

    /// <summary>The lines of a generation are probably UTF-16, but nothing says so.</summary>
    void EncodingUnknown(Generation generation);

    /// <summary>A compressed generation can't be read beyond an offset.</summary>
    void GzipDamaged(Generation generation, long offset, string error);
}
