using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Content;

/// <summary>A file that is opened briefly to find the log to which its content belongs.</summary>
internal sealed class PeekedFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly byte[] _head;
    private readonly bool _isGzip;

    private PeekedFile(SafeFileHandle handle, FileStatus status, byte[] head, bool isGzip)
    {
        _handle = handle;
        _head = head;
        _isGzip = isGzip;
        Status = status;
    }

    public FileStatus Status { get; }

    /// <summary>Opens a file and reads its first bytes.</summary>
    /// <returns>Null if the file can't be read.</returns>
    public static PeekedFile? Open(string path)
    {
        if (LogFileOpener.Open(path, out SafeFileHandle? handle, out FileStatus status) != 0 || handle is null)
        {
            return null;
        }

        try
        {
            var head = new byte[FileIdentity.MaxLength];
            var content = FileContent.Inspect(handle, status, head);
            return new PeekedFile(handle, status, content.HeadOf(head).ToArray(), content.IsGzip);
        }
        catch (IOException)
        {
            handle.Dispose();
            return null;
        }
    }

    /// <summary>Returns true if the file starts with the same bytes as a known file.</summary>
    public bool BeginsLike(KnownFile known) => known.Identity.Matches(_head);

    /// <summary>Returns true if the file contains everything that was read from a known file.</summary>
    public bool HasContentOf(KnownFile known)
    {
        try
        {
            return BeginsLike(known) && (!known.Proof.IsKnown || known.Proof.Matches(_handle, _isGzip));
        }
        catch (IOException)
        {
            // A file that can't be read proves nothing.
            return false;
        }
    }

    /// <summary>Returns true if another file begins with this file's content, judged by the first and last bytes of that content.</summary>
    public bool IsPrefixOf(PeekedFile other)
    {
        if (_head.Length == 0 || _isGzip || other.Status.Size < Status.Size || !other._head.AsSpan().StartsWith(_head))
        {
            return false;
        }

        Span<byte> window = stackalloc byte[FileProof.WindowBytes];
        try
        {
            var proof = FileProof.Of(_handle, Status.Size, ref window);
            return proof.IsKnown && proof.Matches(other._handle, isGzip: false);
        }
        catch (IOException)
        {
            // A file that can't be read proves nothing.
            return false;
        }
    }

    public void Dispose() => _handle.Dispose();
}
