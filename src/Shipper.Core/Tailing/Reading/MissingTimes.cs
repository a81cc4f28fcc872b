using Shipper.Checkpoints;
using Shipper.Parsing;
using Shipper.Records;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>Chooses the time of container lines that have no timestamp.</summary>
internal sealed class MissingTimes(ContainerLineParser parser, TimeProvider time)
{
    /// <summary>
    /// Returns the stream's last time, so that the line stays next to the previous one. Before the first time of a stream, returns a time just before the
    /// next line that has one: a later time would make that line and all others look too old. If no line with a time follows, returns the current time. The
    /// choice depends on when the line is read, so it is saved, and the line is resent unchanged after a crash.
    /// </summary>
    /// <param name="following">The bytes after the line that have been read so far.</param>
    /// <returns>The time, in nanoseconds since 1970.</returns>
    public long ChooseFor(TailedStream stream, ReadOnlySpan<byte> following)
    {
        long last = stream.Clock.LastRawNs;
        if (last != StreamClock.None)
        {
            return last;
        }

        stream.Turn.BaseNs = stream.Turn.BaseNs == 0 ? FindBefore(following) : stream.Turn.BaseNs;
        return stream.Turn.BaseNs;
    }

    private long FindBefore(ReadOnlySpan<byte> following)
    {
        for (int lines = 1, length; (length = following.IndexOf((byte)'\n')) >= 0; lines++, following = following[(length + 1)..])
        {
            if (parser.TryParse(following[..length].TrimStart((byte)0), out LogLine line))
            {
                return line.TimestampNs - lines;
            }
        }

        return time.GetUnixNanoseconds();
    }
}
