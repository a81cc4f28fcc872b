using Shipper.Parsing;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <summary>Skips NULs at the beginning of a line.</summary>
/// <remarks>Not thread-safe. Each lane has one.</remarks>
/// <param name="buffer">Contains the bytes.</param>
/// <param name="plain">Tells how many bytes a character has.</param>
internal sealed class NulRuns(ReadBuffer buffer, PlainTextDecoder plain)
{
    /// <summary>
    /// Skips NULs at the beginning of a line, and also the newline if nothing else is on the line, because no program wrote these bytes. The NULs are counted
    /// once, even if they are read again because of a partial line before them.
    /// </summary>
    /// <param name="text">The line, at the beginning of the buffer.</param>
    /// <param name="floor">NULs before this offset have been counted.</param>
    /// <param name="drops">Receives the NULs.</param>
    /// <returns>False if the line does not begin with NULs.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TrySkip(ReadOnlySpan<byte> text, TailedStream stream, Generation generation, long floor, List<Drop> drops)
    {
        if (text is not [0, ..] || plain.CountNuls(text, buffer.Offset) == 0)
        {
            return false;
        }

        long offset = buffer.Offset;
        long bytes = buffer.ConsumeNuls();
        if (bytes == 0)
        {
            return true;
        }

        int newline = plain.NewlineBytes;
        if (buffer.Unread.Length >= newline && plain.IndexOfNewline(buffer.Unread[..newline], buffer.Offset) == 0)
        {
            buffer.Consume(newline);
            bytes += newline;
        }

        if (offset >= floor)
        {
            Drop.Add(drops, new Drop(generation, DropReasons.NulBytes, 0, bytes) { SinceNs = stream.Clock.LastRawNs, IsLost = offset > 0 && stream.Kind.HasHeaders });
        }

        return true;
    }
}
