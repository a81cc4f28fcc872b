using Shipper.Checkpoints;
using Shipper.Native;
using Shipper.Parsing;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Losses;

/// <summary>Finds the time of the oldest record that was written and is in no batch yet.</summary>
internal static class OldestUnread
{
    private const int HeaderBytes = 64;

    /// <summary>Examines the first unread line of each stream that has one.</summary>
    /// <returns>Nanoseconds since 1970; <see cref="long.MaxValue"/> if everything was read.</returns>
    public static long Find(List<TailedStream> streams)
    {
        long oldest = long.MaxValue;
        var timestamps = new TimestampParser();
        foreach (TailedStream stream in streams)
        {
            oldest = Math.Min(oldest, Find(stream, timestamps));
        }

        return oldest;
    }

    /// <summary>Examines the first unread line of a stream.</summary>
    /// <returns>Nanoseconds since 1970; <see cref="long.MaxValue"/> if everything was read.</returns>
    public static long Find(TailedStream stream, TimestampParser timestamps)
    {
        if (stream.Queue.FindUnread() is not { } unread)
        {
            return long.MaxValue;
        }

        // Use the file's modification time if the position is in a compressed file, or if docker wrote the lines, which have their time at the end.
        return stream.Kind.HasHeaders && !unread.IsGzip && TryReadTime(unread, timestamps, out long timestampNs) && timestampNs >= TimeWindow.FirstPlausibleNs
            ? timestampNs : unread.Status.ModifiedNs;
    }

    private static bool TryReadTime(Generation generation, TimestampParser timestamps, out long timestampNs)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        try
        {
            int length = RandomAccess.Read(generation.Handle!, header, generation.ReadPosition.Min);
            return timestamps.TryParse(header[..length], out timestampNs, out _);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // The error is reported when the file is read.
            timestampNs = 0;
            return false;
        }
    }
}
