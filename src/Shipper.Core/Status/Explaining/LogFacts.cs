using Shipper.Discovery;
using Shipper.Enrichment;
using Shipper.Kubernetes;
using Shipper.Lanes;

namespace Shipper.Status.Explaining;

/// <summary>All that the agent knows of one log.</summary>
/// <param name="Key"><c>namespace/pod/container</c>.</param>
internal sealed record LogFacts(string Key)
{
    /// <summary>The log as discovery found it; null if it did not.</summary>
    public FoundLog? Found { get; init; }

    /// <summary>The log as a lane reads it; null if none does.</summary>
    public StreamStatus? Stream { get; init; }

    /// <summary>What became of the log after its files had gone; null if they have not.</summary>
    public GoneStream? Gone { get; init; }

    /// <summary>A path of the log that the configured globs leave out; null if there is none.</summary>
    public IgnoredPath? Ignored { get; init; }

    /// <summary>Why a path of the log can't be read; null if all can. A link of an earlier run may be broken although the log is read by another path.</summary>
    public UnreadableSource? Unreadable { get; init; }

    /// <summary>True if no other path leads to the log.</summary>
    public bool IsUnreadable => Unreadable is not null && Found is null && Stream is null;

    /// <summary>The pod; null if the API server has not returned it.</summary>
    public PodInfo? Pod { get; init; }

    /// <summary>When Loki's newest entry of the log was written; null if Loki was not asked, or has none.</summary>
    public DateTimeOffset? NewestInLoki { get; init; }

    /// <summary>The name of the container.</summary>
    public string Container => Key[(Key.LastIndexOf('/') + 1)..];
}
