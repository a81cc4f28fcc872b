using Microsoft.Win32.SafeHandles;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Native;

namespace Shipper.Tailing;

/// <summary>
/// One content of a log: the live file, a rotated or a compressed one. Its identity is its content; the names and inodes
/// under which it is found change. It is opened when it is first seen and stays open until it is acknowledged, so that a
/// deletion takes nothing away.
/// </summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
internal sealed class Generation(LogSeries series, GenerationName name, GenerationCheckpoint checkpoint)
{
    public LogSeries Series { get; } = series;

    /// <summary>The name under which it was last found.</summary>
    public GenerationName Name { get; set; } = name;

    public GenerationCheckpoint Checkpoint { get; } = checkpoint;

    /// <summary>Who it is; more certain as a short file grows.</summary>
    public FileIdentity Identity { get; set; } = checkpoint.Identity;

    /// <summary>What its records are sent with; null until the first is read.</summary>
    public StreamAttributes? Attributes { get; set; }

    /// <summary>What was sent before the agent was started and may not have been answered; null where nothing was.</summary>
    public SentRange? LeftOpen { get; set; } = checkpoint.Sent is { } sent && sent.IsBeyond(checkpoint.Acknowledged) ? sent : null;

    /// <summary>Up to here it may be in Loki, though nothing is known of it, because it was opened in doubt of the checkpoints.</summary>
    public long SuspectUntil { get; set; }

    /// <summary>True while what is read next may be in Loki, though nothing is known of it.</summary>
    public bool IsSuspect => SuspectUntil > Read.Max;

    /// <summary>True if Loki can't be asked for what it may have.</summary>
    public bool IsUnaskable { get; set; }

    /// <summary>True while Loki has to be asked for what is read next.</summary>
    public bool IsToBeAskedFor => IsSuspect && !IsUnaskable;

    /// <summary>The open file; null where it is not open.</summary>
    public SafeFileHandle? Handle { get; private set; }

    /// <summary>
    /// The saved copy of it: of a file that is held open, or what is open in its place after a restart. It goes when the
    /// file does.
    /// </summary>
    public HeldCopy? Copy { get; set; }

    /// <summary>Bytes behind <see cref="Size"/> that the file has and that can't be read.</summary>
    public long GivenUpBytes { get; set; }

    /// <summary>Changes whenever another file, or none, holds the content.</summary>
    public int Revision { get; private set; }

    /// <summary>True where the open file is compressed.</summary>
    public bool IsGzip { get; private set; }

    /// <summary>What the open file was like when it was last looked at.</summary>
    public FileStatus Status { get; set; }

    /// <summary>Bytes of uncompressed content known to exist.</summary>
    public long Size { get; set; } = checkpoint.Size;

    /// <summary>The position of reading: what lies below is in a batch, or done with.</summary>
    public Offsets Read { get; set; } = checkpoint.Acknowledged;

    /// <summary>Bytes looked at so far; more than <see cref="Read"/> where a line is not complete.</summary>
    public long Scanned { get; set; } = checkpoint.Acknowledged.Min;

    /// <summary>When the file was last seen to have changed, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LastGrowth { get; set; }

    /// <summary>True once the file was truncated: what was not read yet may live on in a copy.</summary>
    public bool IsTruncated { get; set; }

    /// <summary>True once the open file was let go because too much was held: what was not read yet may live on compressed.</summary>
    public bool IsLetGo { get; set; }

    /// <summary>Where reading it fails, and since when, as a timestamp of the <see cref="TimeProvider"/>; null where it does not.</summary>
    public (long Offset, long Since)? Failing { get; set; }

    /// <summary>True once what was not read of it was given up: whatever name it gets, it is not opened again.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>True once the end of a compressed file was reached.</summary>
    public bool IsExhausted { get; set; }

    /// <summary>True where the last listing of the directory showed it.</summary>
    public bool IsListed { get; set; }

    /// <summary>True once it has its place in the queue of its stream.</summary>
    public bool IsPlaced { get; set; }

    /// <summary>Files that hold the same content and need not be opened again: copies, and the file itself once closed.</summary>
    public List<FileSignature> KnownFiles { get; } = [];

    /// <summary>Full path of the file under its last name.</summary>
    public string Path => Series.Directory + "/" + Name.FileName;

    /// <summary>True once no name leads to the open file any more.</summary>
    public bool IsDeleted => Handle is not null && Status.Links == 0;

    /// <summary>True while there are bytes that were not looked at.</summary>
    public bool HasUnscanned => Handle is not null && (IsGzip ? !IsExhausted : Size > Scanned);

    /// <summary>True where all that is known to exist is acknowledged.</summary>
    public bool IsAcknowledged => Checkpoint.Acknowledged.Min >= Size && Read.Min >= Size && !HasUnscanned;

    /// <summary>Bytes that exist and are not acknowledged.</summary>
    public long LagBytes => Math.Max(0, Size - Checkpoint.Acknowledged.Min);

    /// <summary>Looks at the open file: its links and size, and whether it still holds this content.</summary>
    /// <param name="now">The present timestamp.</param>
    /// <returns>False where it was truncated, whatever was written to it since.</returns>
    /// <exception cref="IOException">It can't be read.</exception>
    public bool TryLook(long now)
    {
        FileStatus before = Status;
        if (Handle is null || Copy is not null || FileStatus.OfHandle(Handle, out FileStatus status) != 0)
        {
            return true;
        }

        Status = status;
        if (IsGzip || (status.Size == Size && status.ModifiedNs == before.ModifiedNs))
        {
            return true;
        }

        // Before reading on: a file that was truncated and has grown past the position again begins differently.
        if (status.Size < Size || !TryMatchHead(minLength: 0))
        {
            return false;
        }

        // Also where the size is known by now: it was read before it was looked at.
        Size = status.Size;
        LastGrowth = now;
        return true;
    }

    /// <summary>
    /// Asked behind a read, tells whether the bytes are this content's. Those behind the size that is known are taken note of, so
    /// that a position in them is never kept with an identity that is shorter than it could be: a restart would not find the
    /// file again.
    /// </summary>
    /// <param name="end">Where the bytes end.</param>
    /// <returns>False where the file was truncated meanwhile, whatever was written to it since.</returns>
    /// <exception cref="IOException">It can't be read.</exception>
    public bool TryTake(long end)
    {
        bool isTouched = FileStatus.OfHandle(Handle!, out FileStatus status) == 0
            && (status.Size != Status.Size || status.ModifiedNs != Status.ModifiedNs);
        bool isLonger = end > Size;
        if (isTouched && status.Size < Size)
        {
            return false;
        }

        if ((isTouched || (isLonger && Identity.Length < FileIdentity.MaxLength))
            && !TryMatchHead(isLonger ? (int)Math.Min(end, FileIdentity.MaxLength) : 0))
        {
            return false;
        }

        Size = Math.Max(Size, end);
        return true;
    }

    /// <summary>What is not acknowledged is read again.</summary>
    /// <param name="isInPart">True where Loki may have some of it.</param>
    public void GoBack(bool isInPart)
    {
        Read = Checkpoint.Acknowledged;
        Scanned = Read.Min;
        IsExhausted = false;
        if (isInPart && Checkpoint.Sent is { } sent && sent.IsBeyond(Read))
        {
            LeftOpen = sent;
        }
    }

    /// <summary>Takes over an open file. An open one is closed.</summary>
    public void Attach(SafeFileHandle handle, FileStatus status, bool isGzip, long size)
    {
        Detach()?.Dispose();
        Handle = handle;
        Status = status;
        IsGzip = isGzip;
        Size = isGzip ? Math.Max(size, Read.Max) : size;

        // The trailer of a gzip file has the size modulo 2^32: where reading stands at such an end, nothing is left.
        IsExhausted = isGzip && Read.Min > 0 && (uint)Read.Min == (uint)size;
        IsListed = true;
    }

    /// <summary>The file is shorter than it was: what is known of bytes behind its end is forgotten.</summary>
    /// <returns>What of a push that was noted is still there; null where nothing was.</returns>
    public SentRange? CutTo(long size)
    {
        Size = size;
        Read = Read.UpTo(size);
        Scanned = Read.Min;
        SentRange? sent = Checkpoint.Sent is { } noted ? noted with { End = noted.End.UpTo(size) } : null;
        LeftOpen = sent is { } left && left.IsBeyond(Read) ? left : null;
        return sent;
    }

    /// <summary>Takes over the saved copy of a file that is gone, which stands for that: nobody writes to it, and no name leads to it.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="handle">Its open file.</param>
    /// <param name="status">What that is like.</param>
    /// <param name="size">Bytes of uncompressed content.</param>
    public void Attach(HeldCopy copy, SafeFileHandle handle, FileStatus status, long size)
    {
        // Its inode is one of the state directory's disk.
        Attach(handle, status with { Links = 0, Inode = 0 }, copy.IsGzip, size);
        IsListed = false;
        Copy = copy;
    }

    /// <summary>Gives the open file away, to the generation that took its place when it was truncated.</summary>
    public SafeFileHandle? Detach()
    {
        SafeFileHandle? handle = Handle;
        Handle = null;
        Revision++;
        KnownFiles.Clear();
        DeleteCopy();
        return handle;
    }

    /// <summary>Gives the open file to the agent that takes the place of this one. A saved copy is found again.</summary>
    /// <param name="place">Its place in the queue of its stream.</param>
    public OpenFile HandOver(int place)
    {
        SafeFileHandle? handle = Copy is null ? Handle : null;
        if (handle is not null)
        {
            Handle = null;
            Revision++;
        }

        return new OpenFile(handle, IsGzip, Name, place);
    }

    /// <summary>Closes the file. It stays known, so that a later listing does not open it again.</summary>
    public void Close()
    {
        if (Handle is not null)
        {
            KnownFiles.Add(FileSignature.Of(Name.FileName, Status));
            Handle.Dispose();
            Handle = null;
            Revision++;
            DeleteCopy();
        }
    }

    private void DeleteCopy()
    {
        Copy?.Delete();
        Copy = null;
    }

    /// <summary>Tells whether the open file still begins as it did, and takes the longer identity where it has grown.</summary>
    private bool TryMatchHead(int minLength)
    {
        Span<byte> head = stackalloc byte[FileIdentity.MaxLength];
        head = head[..RandomAccess.Read(Handle!, head, 0)];
        if (head.Length < minLength || (Identity.Length > 0 && !Identity.Matches(head)))
        {
            return false;
        }

        if (Identity.Length < head.Length)
        {
            Identity = FileIdentity.Of(head);
        }

        return true;
    }
}
