using Shipper.Discovery;
using Shipper.Enrichment;
using Shipper.Journal;
using Shipper.Lanes;

namespace Shipper.Status;

/// <summary>The stages of an agent that can say what it is doing.</summary>
/// <param name="Lanes">All lanes.</param>
/// <param name="Journal">The journal; null if it is not read.</param>
/// <param name="Discovery">Finds logs; null if none are configured.</param>
/// <param name="PodLogFilter">Filters out the logs that are excluded.</param>
/// <param name="Locations">The places where the agent looks for logs.</param>
internal sealed record StatusSources(
    IReadOnlyList<Lane> Lanes, JournalSource? Journal, LogDiscovery? Discovery, PodLogFilter? PodLogFilter, IReadOnlyList<LogLocation> Locations)
{
    /// <summary>An agent that has not started yet.</summary>
    public static StatusSources None { get; } = new([], null, null, null, []);
}
