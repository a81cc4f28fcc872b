using Shipper.Parsing;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>Detects the encoding of plain lines.</summary>
internal static class PlainEncoding
{
    /// <summary>Detects the encoding from the first bytes of a file of plain lines.</summary>
    public static void Detect(Generation generation, ReadBuffer buffer, PlainTextDecoder plain)
    {
        Span<byte> head = stackalloc byte[sizeof(char)];
        try
        {
            generation.Encoding ??= PlainTextDecoder.Detect(head[..buffer.ReadHead(head)]);
        }
        catch (IOException)
        {
            // The error is reported when the file is read.
        }

        plain.Encoding = generation.Encoding ?? default;
        buffer.UnitBytes = plain.NewlineBytes;
    }

    /// <summary>Reports lines that look like UTF-16 in a file without a byte order mark, once per file.</summary>
    public static void Report(Generation generation, ReadOnlySpan<byte> line, PlainTextDecoder plain, TailingServices services)
    {
        if (!generation.HasReportedEncoding && !plain.IsUtf16 && PlainTextDecoder.LooksLikeUtf16(line))
        {
            generation.HasReportedEncoding = true;
            ReadingEvents.EncodingUnknown(services.Logger, generation.Path);
        }
    }
}
