using Shipper.Discovery;
using Shipper.Loki;

namespace Shipper.Tailing.Streams;

/// <summary>What tells whether the status of a quiet stream is still the same.</summary>
internal readonly record struct StreamFacts(
    StreamAttributes Attributes, UnreadableSource? Problem, long Records, long LeftOut, long LostBytes, double Rate, int Files, int OpenFiles, int Names, long Bytes, bool IsUnlinked)
{
    /// <summary>Returns the facts of a stream. Cheap, and allocates nothing.</summary>
    public static StreamFacts Of(TailedStream stream)
    {
        int open = 0;
        var names = default(HashCode);
        long bytes = 0;
        foreach (Generation generation in stream.Generations)
        {
            open += generation.Handle is null ? 0 : 1;
            names.Add(generation.Place.Name);
            names.Add(generation.IsDeleted);

            // With everything acknowledged, both grow together; with lag, the stream is not quiet.
            bytes += generation.Size + generation.LagBytes;
        }

        bool isUnlinked = stream.Logs.Count > 0 && stream.Logs[0].IsUnlinked;
        return new StreamFacts(
            stream.Attributes, stream.Problem, stream.Activity.Records, stream.Activity.LeftOut, stream.Activity.LostBytes, stream.Activity.RecordsPerSecond, stream.Generations.Count, open,
            names.ToHashCode(), bytes, isUnlinked);
    }
}
