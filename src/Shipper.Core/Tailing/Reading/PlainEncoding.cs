using Shipper.Parsing;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>Finds out how plain lines are encoded.</summary>
internal static class PlainEncoding
{
    /// <summary>A file of plain lines is begun: the first bytes say how they are encoded.</summary>
    public static void Find(Generation generation, ReadBuffer buffer, PlainText plain)
    {
        Span<byte> head = stackalloc byte[sizeof(char)];
        try
        {
            generation.Encoding ??= PlainText.Detect(head[..buffer.ReadHead(head)]);
        }
        catch (IOException)
        {
            // Reading says so in a moment.
        }

        plain.Encoding = generation.Encoding ?? default;
        buffer.UnitBytes = plain.NewlineBytes;
    }

    /// <summary>Says once of a file that its lines look like UTF-16, but nothing says that they are.</summary>
    public static void Report(Generation generation, ReadOnlySpan<byte> line, PlainText plain, TailingServices services)
    {
        if (!generation.HasToldOfEncoding && !plain.IsWide && PlainText.LooksWide(line))
        {
            generation.HasToldOfEncoding = true;
            ReadingEvents.EncodingUnknown(services.Logger, generation.Path);
        }
    }
}
