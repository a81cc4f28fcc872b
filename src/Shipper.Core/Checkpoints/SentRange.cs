using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>
/// A push as recorded before it is sent: how far it reaches in a generation, and what else determines its records. After a crash the same records must be
/// resent in the same form, because otherwise Loki would store them a second time.
/// </summary>
/// <param name="Attributes">Labels and metadata of the records.</param>
/// <param name="End">The position after the last record.</param>
/// <param name="BaseNs">The time given to lines without a timestamp, in nanoseconds since 1970.</param>
internal readonly record struct SentRange(StreamAttributes Attributes, FilePosition End, long BaseNs)
{
    /// <summary>Returns true if a part of the push is beyond a position.</summary>
    public bool IsBeyond(FilePosition position) => position.Stdout < End.Stdout || position.Stderr < End.Stderr;
}
