namespace Shipper.Parsing;

/// <summary>Encoding of a plain log file, according to its byte order mark.</summary>
internal enum TextEncoding
{
    /// <summary>UTF-8. Also used for files without a mark, and for text that is not valid.</summary>
    Utf8,

    Utf16LittleEndian,

    Utf16BigEndian,
}
