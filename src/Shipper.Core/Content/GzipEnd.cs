namespace Shipper.Content;

/// <summary>What reading found behind the last byte that could be decompressed.</summary>
internal enum GzipEnd
{
    /// <summary>Nothing yet: there is more to read.</summary>
    None,

    /// <summary>The end of the file, behind a whole member.</summary>
    Complete,

    /// <summary>The end of the file, in the middle of a member: it is still being written, or was cut off.</summary>
    Cut,

    /// <summary>Bytes that can't be decompressed, or with a wrong checksum.</summary>
    Damaged,

    /// <summary>Bytes behind a whole member that are no member, and no padding. gzip(1) ignores them, too.</summary>
    Garbage,
}
