using System.Text;
using Shipper.Loki;

namespace Shipper.Demo;

/// <summary>Reports the entries that Loki has of a stream to the audit, page by page.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="selector">Selects the stream.</param>
internal sealed class DeliveredEntries(string selector, DeliveryAudit audit) : IEntryVisitor
{
    /// <summary>Number of entries on all pages.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// The newest timestamp of the previous page, in nanoseconds since 1970. The next page may begin with the same entry. The agent gives each entry of a
    /// stream a unique timestamp.
    /// </summary>
    public long? PreviousNewestNs { get; set; }

    /// <summary>Does nothing: Loki may return one stream as several, split by structured metadata.</summary>
    public void BeginStream(IReadOnlyDictionary<string, string> labels)
    {
    }

    public void Visit(long timestampNs, ReadOnlySpan<byte> line)
    {
        if (timestampNs != PreviousNewestNs)
        {
            Count++;
            audit.RecordDelivered(selector, Encoding.UTF8.GetString(line));
        }
    }
}
