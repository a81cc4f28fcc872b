namespace Shipper.Content;

/// <summary>How a file is compressed.</summary>
internal enum FileCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>gzip, which can be read.</summary>
    Gzip,

    /// <summary>In a way that can't be read.</summary>
    Unknown,
}
