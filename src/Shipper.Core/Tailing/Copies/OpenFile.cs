using Microsoft.Win32.SafeHandles;
using Shipper.Discovery.Rotation;

namespace Shipper.Tailing.Copies;

/// <summary>What an agent knows about a generation beyond the checkpoint, handed over to its successor.</summary>
/// <param name="Handle">The open file, even if it was renamed or deleted; null if it is not open, or if a saved copy is open instead.</param>
/// <param name="IsGzip">True if the file is compressed.</param>
/// <param name="Name">The name that the file had when it was last found.</param>
/// <param name="Place">Its place in the queue of its stream.</param>
/// <param name="ReadEnd">The furthest offset up to which it was read.</param>
internal sealed record OpenFile(SafeFileHandle? Handle, bool IsGzip, GenerationName Name, int Place, long ReadEnd);
