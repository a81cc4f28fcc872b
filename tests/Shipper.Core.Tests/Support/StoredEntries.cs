using System.Text;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Support;

/// <summary>Entries stored by a test's Loki, and its answers to queries for them.</summary>
internal static class StoredEntries
{
    /// <summary>Loki's answer to a push request that contains nothing to store.</summary>
    public static PushAnswer ProbeAnswer => LokiAnswers.Read(422, "error at least one valid stream is required for ingestion");

    /// <summary>Answers a query.</summary>
    /// <param name="stored">The entries, by the labels of their stream.</param>
    /// <param name="fromNs">The earliest time.</param>
    /// <param name="toNs">The latest time.</param>
    /// <param name="found">Visits the entries found.</param>
    public static QueryAnswer Answer(IReadOnlyDictionary<string, List<EntryAdapter>> stored, long fromNs, long toNs, IEntryVisitor found)
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
