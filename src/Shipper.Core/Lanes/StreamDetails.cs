using Shipper.Batching;
using Shipper.Discovery;
using Shipper.Loki;
using Shipper.Processing;

namespace Shipper.Lanes;

/// <summary>What <c>explain</c> says about a stream of files in addition to its <see cref="StreamStatus"/>.</summary>
/// <param name="Attributes">Labels, metadata and rules of the records that are read next.</param>
/// <param name="Dropped">Records that were read and not sent, by reason.</param>
/// <param name="Processed">What the stages did to records that were read.</param>
/// <param name="LastRefusal">Loki's last refusal; null if there was none.</param>
/// <param name="Problem">Why a file can't be read; null if all can.</param>
/// <param name="Learned">What the multi-line mode <c>auto</c> has learned, for both outputs; 0 if nothing.</param>
/// <param name="PausedFor">How much longer the stream is paused because Loki refused it; zero if it is not.</param>
/// <param name="HeldBackFor">How much longer a limit holds the stream back; zero if none does.</param>
/// <param name="WaitsFor">What reading waits for: <c>the API server</c> or <c>a file descriptor</c>; null if it does not wait.</param>
/// <param name="IsUnlinked">True if no path leads to the log any longer: its pod has gone.</param>
internal sealed record StreamDetails(
    StreamAttributes Attributes, IReadOnlyList<(string Reason, long Records)> Dropped, IReadOnlyList<StageCount> Processed, LokiRefusal? LastRefusal, UnreadableSource? Problem,
    (ulong Stdout, ulong Stderr) Learned, TimeSpan PausedFor, TimeSpan HeldBackFor, string? WaitsFor, bool IsUnlinked);
