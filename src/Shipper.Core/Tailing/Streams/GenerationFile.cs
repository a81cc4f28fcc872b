using Microsoft.Win32.SafeHandles;
using Shipper.Content;
using Shipper.Native;
using Shipper.Tailing.Copies;

namespace Shipper.Tailing.Streams;

/// <summary>
/// The file that holds the content of a generation. It is opened when it is first seen and stays open until all of it is acknowledged, so that a deletion takes
/// nothing away. With too few descriptors it is parked between two turns.
/// </summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
internal sealed class GenerationFile
{
    /// <summary>The open file; null if it is not open.</summary>
    public SafeFileHandle? Handle { get; private set; }

    /// <summary>True while the file is closed so that another one can have the descriptor, and waits at its name for the next turn.</summary>
    public bool IsParked { get; private set; }

    /// <summary>
    /// The saved copy of it: of a file that is held open, or what is open in its place after a restart. It goes when the
    /// file does.
    /// </summary>
    public HeldCopy? Copy { get; set; }

    /// <summary>Changes whenever another file, or none, holds the content.</summary>
    public int Revision { get; private set; }

    /// <summary>True if the open file is compressed.</summary>
    public bool IsGzip { get; private set; }

    /// <summary>What the open file was like when it was last looked at.</summary>
    public FileStatus Status { get; set; }

    /// <summary>Files that hold the same content and need not be opened again: copies, and the file itself once closed.</summary>
    public List<FileSignature> Known { get; } = [];

    /// <summary>True if there is a file to read: open or parked.</summary>
    public bool IsThere => Handle is not null || IsParked;

    /// <summary>True once no name of the log leads to the file any more.</summary>
    public bool IsDeleted => IsThere && Status.Links == 0;

    /// <summary>Takes over an open file. An open one is closed.</summary>
    public void Take(SafeFileHandle handle, FileStatus status, bool isGzip)
    {
        Detach()?.Dispose();
        Handle = handle;
        Status = status;
        IsGzip = isGzip;
    }

    /// <summary>Gives the open file away, to the generation that took its place when it was truncated.</summary>
    public SafeFileHandle? Detach()
    {
        SafeFileHandle? handle = Handle;
        Handle = null;
        IsParked = false;
        Revision++;
        Known.Clear();
        DeleteCopy();
        return handle;
    }

    /// <summary>Gives the open file to the agent that takes the place of this one. A saved copy is found again.</summary>
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

    /// <summary>Closes the file for good. It stays known, so that a later listing does not open it again.</summary>
    /// <param name="fileName">Its name.</param>
    public void Close(string fileName)
    {
        if (IsThere)
        {
            Park(fileName);
            IsParked = false;
            DeleteCopy();
        }
    }

    /// <summary>True if it is parked, and a file is most likely the one that was parked.</summary>
    public bool IsParkedAs(FileStatus status) => IsParked && Copy is null && status.IsSameFile(Status);

    /// <summary>Closes the file until its next turn.</summary>
    /// <param name="fileName">Its name.</param>
    public void Park(string fileName)
    {
        Known.RemoveAll(known => known.Inode == Status.Inode);
        Known.Add(FileSignature.Of(fileName, Status));
        Handle?.Dispose();
        Handle = null;
        IsParked = true;
        Revision++;
    }

    /// <summary>Opens a parked file again. Whether it was truncated meanwhile is found out by the next look, as if it had been open.</summary>
    /// <param name="path">Where it is, unless a saved copy stands for it.</param>
    /// <returns>0; the error number if it can't be opened; <see cref="Libc.ErrorNotFound"/> if its name leads to another file now.</returns>
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

    /// <summary>Takes the open file of a parked generation.</summary>
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
