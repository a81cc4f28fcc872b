using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Loki;
using Shipper.Native;
using Shipper.Parsing;
using Shipper.Tailing.Copies;
using Shipper.Telemetry;

namespace Shipper.Tailing.Streams;

/// <summary>
/// One content of a log: the live file, a rotated or a compressed one. Its identity is its content; the names and inodes
/// under which it is found change. It is opened when it is first seen and stays open until it is acknowledged, so that a
/// deletion takes nothing away. With too few descriptors it is parked between two turns.
/// </summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
internal sealed class Generation(LogSeries series, GenerationName name, GenerationCheckpoint checkpoint)
{
    // docker's lines end with their time.
    private bool _beginsWithText;

    public LogSeries Series { get; private set; } = series;

    /// <summary>The name under which it was last found.</summary>
    public GenerationName Name { get; set; } = name;

    public GenerationCheckpoint Checkpoint { get; } = checkpoint;

    /// <summary>Who it is; more certain as a short file grows.</summary>
    public FileIdentity Identity { get; set; } = checkpoint.Identity;

    /// <summary>What stands before its position; no proof if the beginning tells enough, or nothing was read.</summary>
    public FileProof Proof { get; private set; } = checkpoint.Proof;

    /// <summary>True if other files may begin like this one.</summary>
    public bool HasCommonHead => !Series.HasHeaders || _beginsWithText;

    /// <summary>Tells whether other files may begin like one of a series.</summary>
    public static bool IsCommonHead(LogSeries series, ReadOnlySpan<byte> head) => !series.HasHeaders || head.StartsWith("{"u8);

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

    /// <summary>True while its file is closed so that another one can have the descriptor, and waits at its name for the next turn.</summary>
    public bool IsParked { get; private set; }

    /// <summary>True if there is a file to read: open or parked.</summary>
    public bool HasFile => Handle is not null || IsParked;

    /// <summary>True if it can be closed and opened again: a name leads to it, of the file itself or of the saved copy.</summary>
    public bool CanPark => Handle is not null && Unfinished is null && (Copy is not null || (IsListed && !IsDeleted));

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

    /// <summary>Bytes of content that were seen before it was compressed.</summary>
    public long SeenBytes { get; private set; }

    /// <summary>
    /// NUL bytes behind <see cref="Size"/>, to the end of the file. They are not content until something follows them: if their place was only
    /// reserved, it is written to later.
    /// </summary>
    public long NulsBehind { get; private set; }

    /// <summary>Where the content begins; more than 0 if NULs stand before it, as a truncation leaves them under a writer that does not append.</summary>
    public long Start { get; set; }

    /// <summary>The encoding of plain lines; null until the file is long enough to tell.</summary>
    public TextEncoding? Encoding { get; set; }

    /// <summary>True once skipped NULs were reported for this content.</summary>
    public bool HasToldOfNuls { get; set; }

    /// <summary>True once it was reported that the lines are probably UTF-16. NULs before such lines are halves of characters and are not reported.</summary>
    public bool HasToldOfEncoding { get; set; }

    /// <summary>
    /// Since when a compressed file that ends in the middle has not grown, as a timestamp of the <see cref="TimeProvider"/>; null unless it may
    /// still be written.
    /// </summary>
    public long? Unfinished { get; set; }

    /// <summary>The position of reading: what lies below is in a batch, or done with.</summary>
    public Offsets Read { get; set; } = checkpoint.Acknowledged;

    /// <summary>Bytes looked at so far; more than <see cref="Read"/> where a line is not complete.</summary>
    public long Scanned { get; set; } = checkpoint.Acknowledged.Min;

    /// <summary>The end of the furthest byte that was ever read. Bytes below it are not counted again.</summary>
    public long ReadEnd { get; set; }

    /// <summary>When the file was last seen to have changed, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LastGrowth { get; set; }

    /// <summary>True once the file was truncated: what was not read yet may live on in a copy.</summary>
    public bool IsTruncated { get; set; }

    /// <summary>True once the open file was let go because too much was held: what was not read yet may live on compressed.</summary>
    public bool IsLetGo { get; set; }

    /// <summary>Why bytes of it are lost, if it has no file any more.</summary>
    public string LossReason => IsTruncated ? LossReasons.Truncated : IsLetGo ? LossReasons.HeldBytes : LossReasons.Deleted;

    /// <summary>Where reading it fails, and since when, as a timestamp of the <see cref="TimeProvider"/>; null where it does not.</summary>
    public (long Offset, long Since)? Failing { get; set; }

    /// <summary>True once what was not read of it was given up: whatever name it gets, it is not opened again.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>True once the end of a compressed file was reached.</summary>
    public bool IsExhausted { get; set; }

    /// <summary>True where the last listing of the directory showed it.</summary>
    public bool IsListed { get; set; }

    /// <summary>True once the log is in another directory, and the file is not.</summary>
    public bool IsLeftBehind { get; private set; }

    /// <summary>True once it has its place in the queue of its stream.</summary>
    public bool IsPlaced { get; set; }

    /// <summary>Files that hold the same content and need not be opened again: copies, and the file itself once closed.</summary>
    public List<FileSignature> KnownFiles { get; } = [];

    /// <summary>The directory that the file was moved to; null if that is the log's.</summary>
    public string? Directory { get; set; }

    /// <summary>True for the newest generation that the agent before knew of its log: more was written to it, for all that is known.</summary>
    public bool WasLive { get; set; }

    /// <summary>Full path of the file under its last name.</summary>
    public string Path => (Directory ?? Series.Directory) + "/" + Name.FileName;

    /// <summary>True once no name of the log leads to the file any more.</summary>
    public bool IsDeleted => HasFile && Status.Links == 0;

    /// <summary>True while there are bytes that were not looked at.</summary>
    public bool HasUnscanned => HasFile && (IsGzip ? !IsExhausted && Unfinished is null : Size > Scanned);

    /// <summary>True while there are bytes that are in no batch.</summary>
    public bool IsUnread => HasFile && (HasUnscanned || Read.Min < Size || Unfinished is not null);

    /// <summary>True where all that is known to exist is acknowledged.</summary>
    public bool IsAcknowledged => Checkpoint.Acknowledged.Min >= Size && Read.Min >= Size && !HasUnscanned && Unfinished is null;

    /// <summary>Bytes that exist and are not acknowledged.</summary>
    public long LagBytes => Math.Max(0, Size - Checkpoint.Acknowledged.Min);

    /// <summary>True if the NULs behind the content were overwritten, or the file ends before them.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public bool HasChangedBehind => NulsBehind > 0 && Handle is { } handle && !NulBytes.IsAt(handle, Size);

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
        if (IsGzip)
        {
            return TryLookAtGzip(before, now);
        }

        // Writing to a mapped file does not change its times at once.
        bool isFilled = HasChangedBehind;
        if (!isFilled && status.Size == Size + NulsBehind && status.Size == before.Size && status.ModifiedNs == before.ModifiedNs)
        {
            return true;
        }

        // Before reading on: a file that was truncated and has grown past the position again begins differently.
        if (status.Size < Size + NulsBehind || !TryMatchHead(minLength: 0))
        {
            return false;
        }

        // Also where the size is known by now: it was read before it was looked at.
        if (isFilled || status.Size > Size + NulsBehind)
        {
            Scanned = Math.Min(Scanned, Size);
            Size = status.Size;
            NulsBehind = 0;
        }

        LastGrowth = now;
        return true;
    }

    /// <summary>Ends the content, for now, where nothing but NULs follows to the end of the file.</summary>
    /// <param name="offset">The offset.</param>
    /// <param name="end">The end of the file.</param>
    public void EndWithNuls(long offset, long end)
    {
        Size = offset;
        NulsBehind = end - offset;
    }

    /// <summary>Moves the position behind the NULs at the end of a file that nothing more is written to.</summary>
    public void PassNulsBehind()
    {
        Size += NulsBehind;
        NulsBehind = 0;
        Read = Offsets.Both(Size);
        Scanned = Size;
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

        if (isLonger)
        {
            NulsBehind = Math.Max(0, NulsBehind - (end - Size));
            Size = end;
        }

        return true;
    }

    /// <summary>True if the checkpoint identifies the file after a restart, and does not claim more bytes than it has.</summary>
    public bool IsWritten =>
        Checkpoint.IsStored && Checkpoint.Identity == Identity && Checkpoint.Inode == Status.Inode && Checkpoint.Size <= Size;

    /// <summary>Writes down who the file is, and how many bytes it has.</summary>
    public void Touch(StreamCheckpoint stream, CheckpointChanges changes) =>
        changes.Updates.Add((stream, new CheckpointUpdate(Checkpoint, Identity, Status.Inode, Acknowledged: null, Size)));

    /// <summary>Writes down that everything before a position is done with.</summary>
    public void Advance(StreamCheckpoint stream, Offsets position, FileProof proof, CheckpointChanges changes) =>
        changes.Updates.Add((stream, new CheckpointUpdate(Checkpoint, Identity, Status.Inode, position, Size, proof)));

    /// <summary>What became of its bytes.</summary>
    public void AddTo(Ledger ledger) => ledger.Add(Checkpoint, Size, Read.Min);

    /// <summary>Notes the bytes before the position, to recognise the file by them.</summary>
    /// <param name="taken">The bytes before the position that are still in the read buffer.</param>
    public void Prove(ReadOnlySpan<byte> taken)
    {
        // A saved copy has a hole, and in a .gz nothing changes.
        if (!HasCommonHead || Handle is null || IsGzip || Copy is not null || Read.Max == 0)
        {
            return;
        }

        Span<byte> window = stackalloc byte[FileProof.WindowBytes];
        try
        {
            var proof = FileProof.Of(Handle, Read.Max, ref window);

            // If not, the file was emptied since then, which the next look finds out.
            int length = Math.Min(taken.Length, window.Length);
            Proof = proof.IsKnown && window[^length..].SequenceEqual(taken[^length..]) ? proof : Proof;
        }
        catch (IOException)
        {
            // The previous proof still holds.
        }
    }

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

    /// <summary>Takes over an open file after a look at its content.</summary>
    public void Attach(SafeFileHandle handle, FileStatus status, FileContent content)
    {
        Attach(handle, status, content.IsGzip, content.Size);
        Start = content.Start;
    }

    /// <summary>Takes over an open file. An open one is closed.</summary>
    public void Attach(SafeFileHandle handle, FileStatus status, bool isGzip, long size)
    {
        Detach()?.Dispose();
        SeenBytes = isGzip && !IsGzip ? Size : SeenBytes;
        Handle = handle;
        Status = status;
        IsGzip = isGzip;
        Size = isGzip ? Math.Max(size, Read.Max) : size;
        NulsBehind = 0;
        Unfinished = null;

        // The trailer of a gzip file has the size modulo 2^32: where reading stands at such an end, nothing is left.
        IsExhausted = isGzip && Read.Min > 0 && (uint)Read.Min == (uint)size;
        IsListed = true;
    }

    /// <summary>
    /// The log is in another directory now, and the file in the old one. It stays open as long as it has a name there: its writer need not know that a link was
    /// turned, or something mounted over the directory.
    /// </summary>
    /// <param name="other">The log in the other directory, in whose queue the file keeps its place.</param>
    public void LeaveBehind(LogSeries other)
    {
        Series = other;
        IsLeftBehind = true;
        IsListed = false;
    }

    /// <summary>True if the same writer wrote an older generation, so that a line may begin there and end here.</summary>
    public bool GoesOnFrom(Generation older) => Series.IsSameLog(older.Series) && Name.Restart == older.Name.Restart;

    /// <summary>The file was found in another directory that holds the log now.</summary>
    public void MoveTo(LogSeries other, GenerationName newName)
    {
        Series = other;
        Name = newName;
        IsListed = true;
        IsLeftBehind = false;
    }

    /// <summary>The file is shorter than it was: what is known of bytes behind its end is forgotten.</summary>
    /// <returns>What of a push that was noted is still there; null where nothing was.</returns>
    public SentRange? CutTo(long size)
    {
        Size = size;
        Read = Read.UpTo(size);
        Scanned = Read.Min;
        Proof = Proof.Offset > size ? default : Proof;
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

    /// <summary>True while a compressed file that ends in the middle may still be written: nothing was added to it, but it is not long ago.</summary>
    public bool IsUnfinished(TimeProvider time) =>
        Unfinished is { } since && time.GetElapsedTime(since) < GzipContent.MaxPause && GzipContent.MayBeUnfinished(Status, time);

    /// <summary>Gives the open file away, to the generation that took its place when it was truncated.</summary>
    public SafeFileHandle? Detach()
    {
        SafeFileHandle? handle = Handle;
        Handle = null;
        IsParked = false;
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

        return new OpenFile(handle, IsGzip, Name, place, ReadEnd);
    }

    /// <summary>Closes the file for good. It stays known, so that a later listing does not open it again.</summary>
    public void Close()
    {
        if (HasFile)
        {
            Park();
            IsParked = false;
            DeleteCopy();
        }
    }

    /// <summary>True if it is parked, and a file is most likely the one that was parked.</summary>
    public bool IsParkedAs(FileStatus status) => IsParked && Copy is null && status.IsSameFile(Status);

    /// <summary>Closes the file until its next turn. Positions stay, so pushes that are under way can be answered or sent again.</summary>
    public void Park()
    {
        KnownFiles.RemoveAll(known => known.Inode == Status.Inode);
        KnownFiles.Add(FileSignature.Of(Name.FileName, Status));
        Handle?.Dispose();
        Handle = null;
        IsParked = true;
        Revision++;
    }

    /// <summary>Opens a parked file again. Whether it was truncated meanwhile is found out by the next look, as if it had been open.</summary>
    /// <returns>0; the error number if it can't be opened; <see cref="Libc.ErrorNotFound"/> if its name leads to another file now.</returns>
    public int Reopen()
    {
        int error = LogFileOpener.Open(Copy?.Path ?? Path, out SafeFileHandle? handle, out FileStatus status);
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

    /// <summary>Looks at a parked file by its name.</summary>
    /// <param name="now">The present timestamp.</param>
    /// <param name="hasChanged">True if it has to be opened to find out what became of it.</param>
    /// <returns>False if its name leads to another file now, or nowhere.</returns>
    public bool TryLookParked(long now, out bool hasChanged)
    {
        hasChanged = false;
        if (Copy is not null)
        {
            return true;
        }

        int error = FileStatus.OfPath(Path, out FileStatus status);
        if (error != 0)
        {
            return error != Libc.ErrorNotFound;
        }

        if (!IsParkedAs(status))
        {
            return false;
        }

        hasChanged = !IsGzip && (status.Size != Status.Size || status.ModifiedNs != Status.ModifiedNs);
        if (hasChanged)
        {
            // Also if it is shorter now, there is something to look at.
            Scanned = Math.Min(Scanned, Math.Max(0, status.Size - 1));
            LastGrowth = status.Size == Size ? LastGrowth : now;
            Size = Math.Max(Size, status.Size);
            NulsBehind = 0;
        }

        return true;
    }

    private void DeleteCopy()
    {
        Copy?.Delete();
        Copy = null;
    }

    /// <summary>A compressed file that was not finished has grown: it is read on, and known better by more of its content.</summary>
    private bool TryLookAtGzip(FileStatus before, long now)
    {
        if (Status.Size == before.Size && Status.ModifiedNs == before.ModifiedNs)
        {
            return true;
        }

        LastGrowth = now;
        if (Status.Size < before.Size)
        {
            return false;
        }

        if (!IsExhausted)
        {
            Unfinished = null;
            return Identity.Length == FileIdentity.MaxLength || TryMatch(stackalloc byte[FileIdentity.MaxLength]);
        }

        return true;

        bool TryMatch(Span<byte> head) => TryTakeHead(head[..GzipContent.ReadHead(Handle!, head, out _)]);
    }

    /// <summary>Tells whether the open file still has the content that is known of it, and takes the longer identity if it has grown.</summary>
    private bool TryMatchHead(int minLength)
    {
        Span<byte> head = stackalloc byte[FileIdentity.MaxLength];
        long start = Start;
        int length = FileHead.Read(Handle!, head, ref start);
        if (!TryTakeHead(head[..length]) || (length < minLength && (FileStatus.OfHandle(Handle!, out FileStatus status) != 0 || status.Size < minLength)))
        {
            return false;
        }

        Start = start;
        return true;
    }

    private bool TryTakeHead(ReadOnlySpan<byte> head)
    {
        if (Identity.Length > 0 && !Identity.Matches(head))
        {
            return false;
        }

        Identify(head);
        return IsGzip || !HasCommonHead || !Proof.IsKnown || Copy is not null || Proof.Matches(Handle!, isGzip: false);
    }
}
