using System.Text;
using Shipper.Loki;

namespace Shipper.Demo;

/// <summary>Tells the audit which entries Loki has of a stream, page by page.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="selector">Selects the stream.</param>
/// <param name="audit">The audit.</param>
internal sealed class DeliveredEntries(string selector, Audit audit) : IEntryVisitor
{
    /// <summary>Entries on all pages.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// The newest time of the page before, in nanoseconds since 1970: the next page may begin with it. The agent gives each entry of a stream a time of its own.
    /// </summary>
    public long? CountedNs { get; set; }

    /// <summary>Loki may return one stream as several, by their structured metadata.</summary>
    public void BeginStream(IReadOnlyDictionary<string, string> labels)
    {
    }

    public void Visit(long timestampNs, ReadOnlySpan<byte> line)
    {
        if (timestampNs != CountedNs)
        {
            Count++;
            audit.Delivered(selector, Encoding.UTF8.GetString(line));
        }
    }
}
