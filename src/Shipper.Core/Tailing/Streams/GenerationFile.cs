using Microsoft.Win32.SafeHandles;
using Shipper.Content;
using Shipper.Native;
using Shipper.Tailing.Copies;

namespace Shipper.Tailing.Streams;

/// <summary>
/// The file with the content of a generation. Opened when it is first seen, and kept open until all of it is acknowledged, so that a deletion loses nothing.
/// If descriptors are short, the file is parked between two turns.
/// </summary>
/// <remarks>Owned by the lane of its stream; not thread-safe.</remarks>
internal sealed class GenerationFile
{
    /// <summary>Handle of the file; null if it is not open.</summary>
    public SafeFileHandle? Handle { get; private set; }

    /// <summary>True while the file is closed to free its descriptor for another file. It is reopened by name for its next turn.</summary>
    public bool IsParked { get; private set; }

    /// <summary>
    /// The saved copy: a copy of a file that is still held open or, after a restart, the file that is read instead. Deleted when the file is closed.
    /// </summary>
    public HeldCopy? Copy { get; set; }

    /// <summary>Incremented whenever the file is replaced, opened or closed.</summary>
    public int Revision { get; private set; }

    /// <summary>True if the open file is compressed.</summary>
    public bool IsGzip { get; private set; }

    /// <summary>Status of the file at the last check.</summary>
    public FileStatus Status { get; set; }

    /// <summary>Signatures of files with the same content that need not be opened again: copies, and the file itself after it was closed.</summary>
    public List<FileSignature> KnownSignatures { get; } = [];

    /// <summary>True if the generation has a file to read, open or parked.</summary>
    public bool Exists => Handle is not null || IsParked;

    /// <summary>True if the file no longer has a name.</summary>
    public bool IsDeleted => Exists && Status.Links == 0;

    /// <summary>Takes ownership of an open file, and closes the current one.</summary>
    public void Attach(SafeFileHandle handle, FileStatus status, bool isGzip)
    {
        Detach()?.Dispose();
        Handle = handle;
        Status = status;
        IsGzip = isGzip;
    }

    /// <summary>Releases the open file to the caller, which must close it or attach it to another generation. Deletes the saved copy.</summary>
    public SafeFileHandle? Detach()
    {
        SafeFileHandle? handle = Handle;
        Handle = null;
        IsParked = false;
        Revision++;
        KnownSignatures.Clear();
        DeleteCopy();
        return handle;
    }

    /// <summary>Releases the open file for the agent's successor. A saved copy is not handed over: the successor finds it on disk.</summary>
    public SafeFileHandle? HandOver()
    {
        SafeFileHandle? handle = Copy is null ? Handle : null;
        if (handle is not null)
        {
            Handle = null;
            Revision++;
        }

        return handle;
    }

    /// <summary>Closes the file for good. The file stays known, so that a later listing doesn't open it again.</summary>
    public void Close(string fileName)
    {
        if (Exists)
        {
            Park(fileName);
            IsParked = false;
            DeleteCopy();
        }
    }

    /// <summary>True if the file is parked, and a status is most likely that of the same file.</summary>
    public bool IsParkedAs(FileStatus status) => IsParked && Copy is null && status.IsSameFile(Status);

    /// <summary>Closes the file until its next turn.</summary>
    public void Park(string fileName)
    {
        KnownSignatures.RemoveAll(known => known.Inode == Status.Inode);
        KnownSignatures.Add(FileSignature.Of(fileName, Status));
        Handle?.Dispose();
        Handle = null;
        IsParked = true;
        Revision++;
    }

    /// <summary>Reopens a parked file. If the file was truncated in the meantime, the next check notices that, as if the file had stayed open.</summary>
    /// <param name="path">Path of the file. If there is a saved copy, the copy is opened instead.</param>
    /// <returns>0 on success, otherwise the error number; <see cref="Libc.ErrorNotFound"/> if the name leads to another file now.</returns>
    public int Reopen(string path)
    {
        int error = LogFileOpener.Open(Copy?.Path ?? path, out SafeFileHandle? handle, out FileStatus status);
        if (handle is null)
        {
            return error == 0 ? Libc.ErrorNotFound : error;
        }

        if (Copy is null && (!IsParkedAs(status) || status.Links == 0))
        {
            handle.Dispose();
            return Libc.ErrorNotFound;
        }

        Resume(handle);
        return 0;
    }

    /// <summary>Takes ownership of the reopened file of a parked generation.</summary>
    public void Resume(SafeFileHandle handle)
    {
        Handle = handle;
        IsParked = false;
        Revision++;
    }

    private void DeleteCopy()
    {
        Copy?.Delete();
        Copy = null;
    }
}
