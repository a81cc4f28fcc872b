using Microsoft.Win32.SafeHandles;
using Shipper.Discovery.Rotation;

namespace Shipper.Tailing.Copies;

/// <summary>What an agent knows about a generation in addition to the checkpoint. Handed over to the agent's successor.</summary>
/// <param name="Handle">The open file, even if it was renamed or deleted; null if the file is not open, or if a saved copy is open instead.</param>
/// <param name="IsGzip">True if the file is compressed.</param>
/// <param name="Name">The file's last known name.</param>
/// <param name="Place">The generation's index in the queue of its stream.</param>
/// <param name="ReadEnd">The largest offset up to which the generation was read.</param>
internal sealed record InheritedFile(SafeFileHandle? Handle, bool IsGzip, GenerationName Name, int Place, long ReadEnd);
