using System.Text;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Support;

/// <summary>Entries as a test's Loki has them, and what it says of them when it is asked.</summary>
internal static class StoredEntries
{
    /// <summary>What Loki says of a request that has nothing to store.</summary>
    public static PushAnswer Probed => LokiAnswers.Read(422, "error at least one valid stream is required for ingestion");

    /// <summary>Answers a query.</summary>
    /// <param name="stored">The entries, by the labels of their stream.</param>
    /// <param name="fromNs">The earliest time.</param>
    /// <param name="toNs">The latest time.</param>
    /// <param name="found">Is told.</param>
    public static QueryAnswer Tell(IReadOnlyDictionary<string, List<EntryAdapter>> stored, long fromNs, long toNs, IEntryVisitor found)
    {
        foreach ((string labels, List<EntryAdapter> entries) in stored)
        {
            found.BeginStream(LabelSet.Parse(labels).ToDictionary());
            foreach (EntryAdapter entry in entries)
            {
                long timestampNs = (entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos;
                if (timestampNs >= fromNs && timestampNs <= toNs)
                {
                    found.Visit(timestampNs, Encoding.UTF8.GetBytes(entry.Line));
                }
            }
        }

        return new QueryAnswer(QueryOutcome.Answered);
    }
}
