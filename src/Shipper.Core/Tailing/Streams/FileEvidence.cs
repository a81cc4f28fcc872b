using Microsoft.Win32.SafeHandles;
using Shipper.Content;

namespace Shipper.Tailing.Streams;

/// <summary>
/// Identifies a generation by the first bytes of its content. If other files may start with the same bytes, also by the bytes before its position.
/// </summary>
/// <remarks>Owned by the lane of its stream; not thread-safe.</remarks>
/// <param name="identity">The identity in the checkpoint.</param>
/// <param name="proof">The proof of the position in the checkpoint.</param>
internal sealed class FileEvidence(FileIdentity identity, FileProof proof)
{
    // Lines of docker's JSON format end with their time, so many files may start with the same bytes.
    private bool _beginsWithText;

    /// <summary>Hash of the first bytes. A short file's identity becomes more certain as the file grows.</summary>
    public FileIdentity Identity { get; private set; } = identity;

    /// <summary>Hash of the bytes before the position; unknown if the first bytes suffice to identify the file, or if nothing was read.</summary>
    public FileProof Proof { get; private set; } = proof;

    /// <summary>True if other files may start with the same bytes.</summary>
    /// <param name="hasHeaders">True if a container runtime wrote its lines.</param>
    public bool HasCommonHead(bool hasHeaders) => !hasHeaders || _beginsWithText;

    /// <summary>Extends the identity of a file that has grown, or sets an unknown identity.</summary>
    /// <param name="head">The beginning of the file's content.</param>
    public void ExtendIdentity(ReadOnlySpan<byte> head)
    {
        _beginsWithText = head.StartsWith("{"u8);
        if (Identity.Length < head.Length)
        {
            Identity = FileIdentity.Of(head);
        }
    }

    /// <summary>Checks whether a file with this beginning may be the generation's, and extends the identity if so.</summary>
    public bool TryExtendIdentity(ReadOnlySpan<byte> head)
    {
        if (Identity.Length > 0 && !Identity.Matches(head))
        {
            return false;
        }

        ExtendIdentity(head);
        return true;
    }

    /// <summary>Records the proof of a position: a hash of the bytes before it.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="taken">The bytes before the position that are still in the read buffer.</param>
    public void UpdateProof(SafeFileHandle handle, long position, ReadOnlySpan<byte> taken)
    {
        Span<byte> window = stackalloc byte[FileProof.WindowBytes];
        try
        {
            var proof = FileProof.Of(handle, position, ref window);

            // If they differ, the file was emptied in the meantime, and the next check notices that.
            int length = Math.Min(taken.Length, window.Length);
            Proof = proof.IsKnown && window[^length..].SequenceEqual(taken[^length..]) ? proof : Proof;
        }
        catch (IOException)
        {
            // The previous proof still holds.
        }
    }

    /// <summary>Discards a proof of content after the new end of a file that became shorter.</summary>
    public void Truncate(long size) => Proof = Proof.Offset > size ? default : Proof;
}
