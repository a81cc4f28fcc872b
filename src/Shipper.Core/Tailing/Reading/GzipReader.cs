using Shipper.Content;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <summary>Reads compressed generations, including damaged and unfinished ones.</summary>
/// <remarks>Not thread-safe. Each lane has one.</remarks>
/// <param name="losses">Records lost bytes.</param>
internal sealed class GzipReader(TailingServices services, LossRecorder losses) : IDisposable
{
    private readonly GzipContent _gzip = new();

    /// <summary>Reads the next bytes.</summary>
    /// <param name="generation">The compressed generation.</param>
    /// <param name="target">Receives the bytes.</param>
    /// <param name="offset">Offset in the uncompressed content.</param>
    /// <param name="passed">Number of bytes that were decompressed only to reach the offset.</param>
    /// <returns>Number of bytes; 0 at the end, and while the file is unfinished.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public int Read(TailedStream stream, Generation generation, Span<byte> target, long offset, out long passed)
    {
        passed = 0;

        // The file has not grown: otherwise TryLook would have ended the wait.
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
                // The decompressor can't continue after the end of its input.
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
        services.Metrics.FileErrors.Add(FileErrorReasons.DamagedGzip, 1);
        ReadingEvents.GzipDamaged(services.Logger, generation.Path, offset, _gzip.Problem);
    }

    /// <summary>Returns how many bytes of content a damaged file is missing; an estimate if the length is unknown.</summary>
    private long FindMissing(Generation generation, long offset)
    {
        if (_gzip.Position < offset)
        {
            // The bytes were given up in an earlier run of the agent, which saved the position after them, or were read before the file was compressed.
            return generation.Progress.SeenBytes - offset;
        }

        // The trailer has the length of the content, but may be missing. Bytes that were seen before the file was compressed count in any case.
        long claimed = GzipContent.ReadSize(generation.Handle!, generation.Status.Size);
        long known = generation.Progress.SeenBytes;
        return _gzip.End == GzipEnd.Damaged && claimed > offset ? claimed - offset
            : known > offset && known != claimed ? known - offset
            : _gzip.EstimateMissing(generation.Status.Size);
    }

    public void Dispose() => _gzip.Dispose();
}
