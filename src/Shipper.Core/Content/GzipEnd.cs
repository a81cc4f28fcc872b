namespace Shipper.Content;

/// <summary>What follows the last byte that could be decompressed.</summary>
internal enum GzipEnd
{
    /// <summary>More content: the end has not been reached.</summary>
    None,

    /// <summary>The end of the file, after a complete member.</summary>
    Complete,

    /// <summary>The end of the file, in the middle of a member: the file is still being written, or was cut off.</summary>
    Cut,

    /// <summary>Bytes that can't be decompressed, or that don't match their checksum.</summary>
    Damaged,

    /// <summary>Bytes after a complete member that are neither another member nor padding. gzip(1) ignores them, too.</summary>
    Garbage,
}
