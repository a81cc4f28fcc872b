using Microsoft.Win32.SafeHandles;
using Shipper.Tailing;

namespace Shipper.Checkpoints;

/// <summary>The open file of a generation, on its way from one agent to the next.</summary>
/// <param name="Handle">The file, whatever name leads to it by now, or none.</param>
/// <param name="IsGzip">True where it is compressed.</param>
/// <param name="Name">The name under which it was last found.</param>
/// <param name="Place">Its place in the queue of its stream, which neither the name nor the checkpoint tells of a deleted file.</param>
internal sealed record OpenFile(SafeFileHandle Handle, bool IsGzip, GenerationName Name, int Place);
