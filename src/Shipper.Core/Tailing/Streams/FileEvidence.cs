using Microsoft.Win32.SafeHandles;
using Shipper.Content;

namespace Shipper.Tailing.Streams;

/// <summary>What a generation is recognised by: how its content begins, and where other files begin alike, what stands before its position.</summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
/// <param name="identity">Who the file is, as far as the checkpoint knows.</param>
/// <param name="proof">What stands before its position, as far as the checkpoint knows.</param>
internal sealed class FileEvidence(FileIdentity identity, FileProof proof)
{
    // docker's lines end with their time.
    private bool _beginsWithText;

    /// <summary>Who it is; more certain as a short file grows.</summary>
    public FileIdentity Identity { get; private set; } = identity;

    /// <summary>What stands before its position; no proof if the beginning tells enough, or nothing was read.</summary>
    public FileProof Proof { get; private set; } = proof;

    /// <summary>True if other files may begin like this one.</summary>
    /// <param name="hasHeaders">True if a container runtime wrote its lines.</param>
    public bool HasCommonHead(bool hasHeaders) => !hasHeaders || _beginsWithText;

    /// <summary>Takes the longer identity of a file that has grown, or that was not known.</summary>
    /// <param name="head">The beginning of its content.</param>
    public void Identify(ReadOnlySpan<byte> head)
    {
        _beginsWithText = head.StartsWith("{"u8);
        if (Identity.Length < head.Length)
        {
            Identity = FileIdentity.Of(head);
        }
    }

    /// <summary>Tells whether a content may be this one's, and takes the longer identity if it is.</summary>
    public bool TryIdentify(ReadOnlySpan<byte> head)
    {
        if (Identity.Length > 0 && !Identity.Matches(head))
        {
            return false;
        }

        Identify(head);
        return true;
    }

    /// <summary>Notes the bytes before a position.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="position">The position.</param>
    /// <param name="taken">The bytes before it that are still in the read buffer.</param>
    public void Prove(SafeFileHandle handle, long position, ReadOnlySpan<byte> taken)
    {
        Span<byte> window = stackalloc byte[FileProof.WindowBytes];
        try
        {
            var proof = FileProof.Of(handle, position, ref window);

            // If not, the file was emptied since then, which the next look finds out.
            int length = Math.Min(taken.Length, window.Length);
            Proof = proof.IsKnown && window[^length..].SequenceEqual(taken[^length..]) ? proof : Proof;
        }
        catch (IOException)
        {
            // The previous proof still holds.
        }
    }

    /// <summary>The file is shorter than it was: what is known of bytes behind its end is forgotten.</summary>
    public void CutTo(long size) => Proof = Proof.Offset > size ? default : Proof;
}
