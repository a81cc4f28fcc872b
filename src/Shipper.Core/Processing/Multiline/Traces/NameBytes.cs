using System.Buffers;

namespace Shipper.Processing.Multiline.Traces;

/// <summary>Sets of bytes that make up names in traces.</summary>
internal static class NameBytes
{
    /// <summary>Bytes of a qualified name of a class in any of the languages. Bytes above 127 are letters.</summary>
    public static readonly SearchValues<byte> Values = SearchValues.Create(
        [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$:\\"u8, .. Enumerable.Range(128, 128).Select(value => (byte)value)]);

    /// <summary>Bytes of the code of an error: <c>ERR_HTTP_HEADERS_SENT</c>, <c>111, 0x0000006F</c>.</summary>
    public static readonly SearchValues<byte> CodeValues = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefx0123456789_, -"u8);
}
