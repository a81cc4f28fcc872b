using Shipper.Checkpoints;
using Shipper.Parsing;
using Shipper.Records;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>Gives a time to lines that a container runtime should have written one to.</summary>
internal sealed class MissingTimes(ContainerLineParser parser, TimeProvider time)
{
    /// <summary>
    /// Gives the stream's last time, so that the line stays behind its neighbour. Without one, a time just before the first line behind it that has one, since a later
    /// time would make that one and all others look too old. Else the present. Both depend on when the line is read, so the choice is kept: read again after a crash, the
    /// line goes out as it was.
    /// </summary>
    /// <param name="following">What stands behind the line, as far as it was read.</param>
    /// <returns>The time, in nanoseconds since 1970.</returns>
    public long For(TailedStream stream, ReadOnlySpan<byte> following)
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
