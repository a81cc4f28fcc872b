using Shipper.Parsing;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>Detects the encoding of plain lines.</summary>
internal static class PlainEncoding
{
    /// <summary>Detects the encoding from the first bytes of a file of plain lines.</summary>
    public static void Find(Generation generation, ReadBuffer buffer, PlainText plain)
    {
        Span<byte> head = stackalloc byte[sizeof(char)];
        try
        {
            generation.Encoding ??= PlainText.Detect(head[..buffer.ReadHead(head)]);
        }
        catch (IOException)
        {
            // The error is reported when the file is read.
        }

        plain.Encoding = generation.Encoding ?? default;
        buffer.UnitBytes = plain.NewlineBytes;
    }

    /// <summary>Reports lines that look like UTF-16 in a file without a byte order mark, once per file.</summary>
    public static void Report(Generation generation, ReadOnlySpan<byte> line, PlainText plain, TailingServices services)
    {
        if (!generation.HasToldOfEncoding && !plain.IsWide && PlainText.LooksWide(line))
        {
            generation.HasToldOfEncoding = true;
            ReadingEvents.EncodingUnknown(services.Logger, generation.Path);
        }
    }
}
