using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>
/// What was noted of a push before it went: how far it reached in a generation, and what made its records what they were. After a crash
/// the same records go out in the same form, or Loki would take them for others.
/// </summary>
/// <param name="Attributes">Labels and metadata that they were sent with.</param>
/// <param name="End">The position behind the last of them.</param>
/// <param name="BaseNs">The time of lines that have none of their own, in nanoseconds since 1970.</param>
internal readonly record struct SentRange(StreamAttributes Attributes, Offsets End, long BaseNs)
{
    /// <summary>Tells whether some of it is beyond a position.</summary>
    public bool IsBeyond(Offsets position) => position.Stdout < End.Stdout || position.Stderr < End.Stderr;
}
