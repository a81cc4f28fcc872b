namespace Shipper.Content;

/// <summary>How a file is compressed.</summary>
internal enum FileCompression
{
    /// <summary>Not compressed.</summary>
    None,

    /// <summary>gzip, which can be read.</summary>
    Gzip,

    /// <summary>A format that can't be read.</summary>
    Unsupported,
}
