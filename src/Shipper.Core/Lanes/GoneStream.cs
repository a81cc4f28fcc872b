using Shipper.Batching;

namespace Shipper.Lanes;

/// <summary>A stream whose files have all gone.</summary>
/// <param name="Key">Its identity: <c>namespace/pod/container</c> for a container.</param>
/// <param name="Labels">Its labels, as a selector.</param>
/// <param name="At">When its last file had gone, and everything of it was settled.</param>
/// <param name="LastAcknowledged">When Loki last acknowledged records of it; null if it has not since the agent started.</param>
/// <param name="Records">Number of acknowledged records since the agent started.</param>
/// <param name="Dropped">Records that were read and not sent, by reason.</param>
/// <param name="LostBytes">Bytes lost since the agent started.</param>
/// <param name="LastRefusal">Loki's last refusal; null if there was none.</param>
internal sealed record GoneStream(
    string Key, string Labels, DateTimeOffset At, DateTimeOffset? LastAcknowledged, long Records, IReadOnlyList<(string Reason, long Records)> Dropped, long LostBytes, LokiRefusal? LastRefusal);
