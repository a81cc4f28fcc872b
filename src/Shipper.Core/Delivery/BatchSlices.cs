using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>Reads single records of a batch, and writes requests with some of them.</summary>
/// <remarks>Valid until the batch is cleared; not thread-safe.</remarks>
/// <param name="layout">The order of its streams in a request.</param>
internal sealed class BatchSlices(Batch batch, RequestLayout layout)
{
    /// <summary>The runs of the batch, in the order of their bytes.</summary>
    public ReadOnlySpan<Run> Runs => batch.Runs;

    /// <summary>Upper bound in bytes of a request with some of the records.</summary>
    public int MaxRequestBytes => batch.MaxRequestBytes;

    /// <summary>Lists the records in the order in which they are sent.</summary>
    public List<BatchEntry> GetEntries()
    {
        var entries = new List<BatchEntry>(batch.Records);
        foreach (Run first in layout.FirstRuns)
        {
            for (Run? run = first; run is not null; run = run.Next)
            {
                for (int start = run.EntriesStart; run.Records > 0 && start < run.End; start += entries[^1].Length)
                {
                    entries.Add(new BatchEntry(run, start, PushRequestReader.EntryLength(batch.Bytes[start..])));
                }
            }
        }

        return entries;
    }

    /// <summary>Returns the bytes of a record as it was encoded.</summary>
    public ReadOnlySpan<byte> BytesOf(BatchEntry entry) => batch.Bytes.Slice(entry.Start, PushRequestReader.EntryLength(batch.Bytes[entry.Start..]));

    /// <summary>Reads a record as it will be sent.</summary>
    /// <param name="entry">The record to read.</param>
    /// <param name="metadata">Its structured metadata, encoded; empty if it is left out.</param>
    /// <returns>The time to send it with, in nanoseconds since 1970.</returns>
    public long Read(BatchEntry entry, out ReadOnlySpan<byte> line, out ReadOnlySpan<byte> metadata)
    {
        long timestampNs = PushRequestReader.ReadEntry(batch.Bytes[entry.Start..], out line, out metadata);
        metadata = entry.OmitsMetadata ? [] : metadata;
        return entry.MovedNs ?? timestampNs;
    }

    /// <summary>True if a record will be sent with structured metadata.</summary>
    public bool HasMetadata(BatchEntry entry)
    {
        _ = Read(entry, out _, out ReadOnlySpan<byte> metadata);
        return !metadata.IsEmpty;
    }

    /// <summary>Writes a request with some of the records.</summary>
    /// <param name="entries">The records, grouped by stream.</param>
    /// <param name="target">The buffer, of at least <see cref="MaxRequestBytes"/> bytes.</param>
    /// <returns>The length of the request in bytes.</returns>
    public int Write(ReadOnlySpan<BatchEntry> entries, Span<byte> target)
    {
        int length = 0;
        int start = 0;
        StreamAttributes? attributes = null;
        foreach (BatchEntry entry in entries)
        {
            if (entry.Run.Attributes != attributes)
            {
                if (attributes is not null)
                {
                    PushRequestWriter.EndStream(target[start..length]);
                }

                attributes = entry.Run.Attributes;
                start = length;
                length += PushRequestWriter.BeginStream(target[length..], attributes.Labels.Encoded);
            }

            length += Write(entry, target[length..]);
        }

        PushRequestWriter.EndStream(target[start..length]);
        return length;
    }

    private int Write(BatchEntry entry, Span<byte> target)
    {
        ReadOnlySpan<byte> encoded = BytesOf(entry);
        if (entry.MovedNs is null && !entry.OmitsMetadata)
        {
            encoded.CopyTo(target);
            return encoded.Length;
        }

        long timestampNs = PushRequestReader.ReadEntry(encoded, out ReadOnlySpan<byte> line, out ReadOnlySpan<byte> metadata);
        return entry.OmitsMetadata ? PushRequestWriter.WriteEntry(target, line, entry.MovedNs ?? timestampNs, [])
            : PushRequestWriter.WriteMovedEntry(target, line, entry.MovedNs ?? timestampNs, timestampNs, metadata);
    }
}
