using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Tailing.Streams;

namespace Shipper.Batching;

/// <summary>The position of a generation behind the records of a run: what their acknowledgement moves the checkpoint to.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Position">The position.</param>
/// <param name="Proof">What stands before the position, if the file is to be known by that.</param>
internal readonly record struct Mark(Generation Generation, Offsets Position, FileProof Proof);
