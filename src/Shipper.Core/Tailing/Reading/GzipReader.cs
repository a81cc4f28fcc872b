using Shipper.Content;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <summary>Reads compressed generations, and handles those that are damaged or unfinished.</summary>
/// <remarks>Not thread-safe. Each lane has one.</remarks>
/// <param name="losses">Records lost bytes.</param>
internal sealed class GzipReader(TailingServices services, LossBook losses) : IDisposable
{
    private readonly GzipContent _gzip = new();

    /// <summary>Reads on.</summary>
    /// <param name="generation">One of its compressed generations.</param>
    /// <param name="target">Gets the bytes.</param>
    /// <param name="offset">Where they stand in the uncompressed content.</param>
    /// <param name="passed">Bytes that were inflated only to come to that place.</param>
    /// <returns>How many there were; 0 at the end, and while the file is not finished.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public int Read(TailedStream stream, Generation generation, Span<byte> target, long offset, out long passed)
    {
        passed = 0;

        // Nothing was added to it: TryLook would have said so.
        if (generation.IsUnfinished(services.Time))
        {
            return 0;
        }

        int length = _gzip.Read(generation.Handle!, target, offset, out passed);
        if (length > 0)
        {
            return length;
        }

        if (_gzip.End == GzipEnd.Cut)
        {
            generation.Progress.AwaitRest(services.Time.GetTimestamp());
            if (generation.IsUnfinished(services.Time))
            {
                // Decompressing can't go on behind an end.
                _gzip.Close();
                return 0;
            }
        }

        if (_gzip.End == GzipEnd.Garbage)
        {
            ReportDamage(generation, offset);
        }
        else if (_gzip.End != GzipEnd.Complete && FindMissing(generation, offset) is > 0 and long missing)
        {
            ReportDamage(generation, offset);
            generation.Progress.EndAt(offset + missing);
            losses.Count(stream, generation, LossReasons.DamagedGzip, missing);
        }

        generation.Progress.EndAt(offset);
        _gzip.Close();
        return 0;
    }

    private void ReportDamage(Generation generation, long offset)
    {
        services.Metrics.FileErrors.Add("damaged_gzip", 1);
        ReadingEvents.GzipDamaged(services.Logger, generation.Path, offset, _gzip.Problem);
    }

    /// <summary>Tells how much content a damaged file lacks, and estimates it if nothing is known of it.</summary>
    private long FindMissing(Generation generation, long offset)
    {
        if (_gzip.Position < offset)
        {
            // Given up in an earlier life of the agent, with the position behind it; or read while it was not compressed yet.
            return generation.Progress.SeenBytes - offset;
        }

        // The trailer says how long the content is, unless the trailer is missing. Bytes that were seen before the file was compressed are known anyway.
        long claimed = GzipContent.ReadSize(generation.Handle!, generation.Status.Size);
        long known = generation.Progress.SeenBytes;
        return _gzip.End == GzipEnd.Damaged && claimed > offset ? claimed - offset
            : known > offset && known != claimed ? known - offset
            : _gzip.EstimateMissing(generation.Status.Size);
    }

    public void Dispose() => _gzip.Dispose();
}
