using Microsoft.Win32.SafeHandles;
using Shipper.Discovery.Rotation;

namespace Shipper.Tailing.Copies;

/// <summary>What an agent knows of a generation and the checkpoints don't, handed over to the agent that takes its place.</summary>
/// <param name="Handle">The open file, even if it was renamed or deleted; null if it is not open, or a saved copy is open instead.</param>
/// <param name="IsGzip">True if it is compressed.</param>
/// <param name="Name">The name under which it was last found.</param>
/// <param name="Place">Its place in the queue of its stream.</param>
/// <param name="ReadEnd">The furthest offset up to which it was read.</param>
internal sealed record OpenFile(SafeFileHandle? Handle, bool IsGzip, GenerationName Name, int Place, long ReadEnd);
