namespace Shipper.Parsing;

/// <summary>How the text of a plain log file is encoded, as its byte order mark says.</summary>
internal enum TextEncoding
{
    /// <summary>Also if there is no mark, and for anything that is not valid.</summary>
    Utf8,

    Utf16LittleEndian,

    Utf16BigEndian,
}
