using Shipper.Checkpoints;

namespace Shipper.Lanes;

/// <summary>How far one file of a stream is.</summary>
/// <param name="Path">Its path under its last name.</param>
/// <param name="Size">Bytes of uncompressed content that are known to exist.</param>
/// <param name="Open">True where it is open.</param>
/// <param name="Held">True where it is deleted, and only held open.</param>
/// <param name="Gzip">True where it is compressed.</param>
/// <param name="Ledger">What became of its bytes.</param>
internal sealed record GenerationStatus(string Path, long Size, bool Open, bool Held, bool Gzip, Ledger Ledger);
