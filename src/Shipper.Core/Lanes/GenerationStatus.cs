using Shipper.Checkpoints;

namespace Shipper.Lanes;

/// <summary>The state of one file of a stream.</summary>
/// <param name="Path">Its path, with its last known name.</param>
/// <param name="Size">Bytes of uncompressed content that are known to exist.</param>
/// <param name="Open">True if it is open.</param>
/// <param name="Held">True if it is deleted, and only the agent keeps it open.</param>
/// <param name="Gzip">True if it is compressed.</param>
/// <param name="Ledger">The account of its bytes: acknowledged, dropped and lost.</param>
internal sealed record GenerationStatus(string Path, long Size, bool Open, bool Held, bool Gzip, Ledger Ledger);
