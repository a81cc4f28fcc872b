using Microsoft.Win32.SafeHandles;
using Shipper.Tailing;

namespace Shipper.Checkpoints;

/// <summary>What an agent knew of a generation and no checkpoint tells, on its way to the agent that takes its place.</summary>
/// <param name="Handle">The open file, whatever name leads to it by now, or none; null where it is not open, or a saved copy is.</param>
/// <param name="IsGzip">True where it is compressed.</param>
/// <param name="Name">The name under which it was last found.</param>
/// <param name="Place">Its place in the queue of its stream.</param>
/// <param name="ReadEnd">Where the furthest byte ends that was read of it.</param>
internal sealed record OpenFile(SafeFileHandle? Handle, bool IsGzip, GenerationName Name, int Place, long ReadEnd);
