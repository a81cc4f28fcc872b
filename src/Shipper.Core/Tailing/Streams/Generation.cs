using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Parsing;
using Shipper.Tailing.Copies;

namespace Shipper.Tailing.Streams;

/// <summary>
/// One content of a log: the live file, a rotated or a compressed one. Its identity is its content; the names and inodes
/// under which it is found change.
/// </summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
internal sealed class Generation(LogSeries series, GenerationName name, GenerationCheckpoint checkpoint)
{
    private readonly FileEvidence _evidence = new(checkpoint.Identity, checkpoint.Proof);

    /// <summary>Where its file is.</summary>
    public GenerationPlace Place { get; } = new(series, name);

    /// <inheritdoc cref="GenerationPlace.Series"/>
    public LogSeries Series => Place.Series;

    /// <inheritdoc cref="GenerationPlace.Name"/>
    public GenerationName Name => Place.Name;

    /// <inheritdoc cref="GenerationPlace.Directory"/>
    public string? Directory => Place.Directory;

    /// <inheritdoc cref="GenerationPlace.Path"/>
    public string Path => Place.Path;

    /// <inheritdoc cref="GenerationPlace.IsListed"/>
    public bool IsListed => Place.IsListed;

    /// <inheritdoc cref="GenerationPlace.IsLeftBehind"/>
    public bool IsLeftBehind => Place.IsLeftBehind;

    public GenerationCheckpoint Checkpoint { get; } = checkpoint;

    /// <summary>The file that holds it.</summary>
    public GenerationFile File { get; } = new();

    /// <summary>What became of the file.</summary>
    public Fate Fate { get; set; }

    /// <inheritdoc cref="FileEvidence.Identity"/>
    public FileIdentity Identity => _evidence.Identity;

    /// <inheritdoc cref="FileEvidence.Proof"/>
    public FileProof Proof => _evidence.Proof;

    /// <summary>True if other files may begin like this one.</summary>
    public bool HasCommonHead => _evidence.HasCommonHead(Series.HasHeaders);

    /// <summary>Tells whether other files may begin like one of a series.</summary>
    public static bool IsCommonHead(LogSeries series, ReadOnlySpan<byte> head) => !series.HasHeaders || head.StartsWith("{"u8);

    /// <summary>What its records are sent with, and which may be in Loki already.</summary>
    public ResendState Resend { get; } = new(checkpoint);

    /// <summary>True while what is read next may be in Loki, though nothing is known of it.</summary>
    public bool IsSuspect => Resend.SuspectUntil > Read.Max;

    /// <summary>True while Loki has to be asked for what is read next.</summary>
    public bool IsToBeAskedFor => IsSuspect && !Resend.IsUnaskable;

    /// <inheritdoc cref="GenerationFile.Handle"/>
    public SafeFileHandle? Handle => File.Handle;

    /// <inheritdoc cref="GenerationFile.IsParked"/>
    public bool IsParked => File.IsParked;

    /// <inheritdoc cref="GenerationFile.IsThere"/>
    public bool HasFile => File.IsThere;

    /// <inheritdoc cref="GenerationFile.IsDeleted"/>
    public bool IsDeleted => File.IsDeleted;

    /// <inheritdoc cref="GenerationFile.IsGzip"/>
    public bool IsGzip => File.IsGzip;

    /// <inheritdoc cref="GenerationFile.Status"/>
    public FileStatus Status => File.Status;

    /// <summary>True if it can be closed and opened again: a name leads to it, of the file itself or of the saved copy.</summary>
    public bool CanPark => Handle is not null && Unfinished is null && (File.Copy is not null || (IsListed && !IsDeleted));

    /// <summary>How much there is, and how much was read.</summary>
    public ReadState Progress { get; } = new(checkpoint);

    /// <inheritdoc cref="ReadState.Size"/>
    public long Size => Progress.Size;

    /// <inheritdoc cref="ReadState.NulsBehind"/>
    public long NulsBehind => Progress.NulsBehind;

    /// <inheritdoc cref="ReadState.Position"/>
    public Offsets Read => Progress.Position;

    /// <inheritdoc cref="ReadState.Unfinished"/>
    public long? Unfinished => Progress.Unfinished;

    /// <summary>Where the content begins; more than 0 if NULs stand before it, as a truncation leaves them under a writer that does not append.</summary>
    public long Start { get; set; }

    /// <summary>The encoding of plain lines; null until the file is long enough to tell.</summary>
    public TextEncoding? Encoding { get; set; }

    /// <summary>True once skipped NULs were reported for this content.</summary>
    public bool HasToldOfNuls { get; set; }

    /// <summary>True once it was reported that the lines are probably UTF-16. NULs before such lines are halves of characters and are not reported.</summary>
    public bool HasToldOfEncoding { get; set; }

    /// <summary>When the file was last seen to have changed, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LastGrowth { get; set; }

    /// <summary>Where reading it fails, and since when, as a timestamp of the <see cref="TimeProvider"/>; null if it does not.</summary>
    public (long Offset, long Since)? Failing { get; set; }

    /// <summary>True while there are bytes that were not looked at.</summary>
    public bool HasUnscanned => HasFile && (IsGzip ? !Progress.IsExhausted && Unfinished is null : Size > Progress.Scanned);

    /// <summary>True while there are bytes that are in no batch.</summary>
    public bool IsUnread => HasFile && (HasUnscanned || Read.Min < Size || Unfinished is not null);

    /// <summary>True if all that is known to exist is acknowledged.</summary>
    public bool IsAcknowledged => Checkpoint.Acknowledged.Min >= Size && Read.Min >= Size && !HasUnscanned && Unfinished is null;

    /// <summary>Bytes that exist and are not acknowledged.</summary>
    public long LagBytes => Math.Max(0, Size - Checkpoint.Acknowledged.Min);

    /// <summary>True if the NULs behind the content were overwritten, or the file ends before them.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public bool HasChangedBehind => NulsBehind > 0 && Handle is { } handle && !NulBytes.IsAt(handle, Size);

    /// <summary>Notes the bytes before the position, to recognise the file by them.</summary>
    /// <param name="taken">The bytes before the position that are still in the read buffer.</param>
    public void Prove(ReadOnlySpan<byte> taken)
    {
        // A saved copy has a hole, and in a .gz nothing changes.
        if (HasCommonHead && Handle is not null && !IsGzip && File.Copy is null && Read.Max > 0)
        {
            _evidence.Prove(Handle, Read.Max, taken);
        }
    }

    /// <summary>Takes the longer identity of a file that has grown, or that was not known.</summary>
    /// <param name="head">The beginning of its content.</param>
    public void Identify(ReadOnlySpan<byte> head) => _evidence.Identify(head);

    /// <summary>What is not acknowledged is read again.</summary>
    /// <param name="isInPart">True if Loki may have some of it.</param>
    public void GoBack(bool isInPart)
    {
        Progress.GoBack();
        if (isInPart)
        {
            Resend.GoBack();
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
        Progress.Open(size, isGzip, wasGzip: IsGzip);
        File.Take(handle, status, isGzip);
        Place.IsListed = true;
    }

    /// <summary>The file is shorter than it was: what is known of bytes behind its end is forgotten.</summary>
    /// <returns>What of a push that was noted is still there; null if nothing was.</returns>
    public SentRange? CutTo(long size)
    {
        Progress.CutTo(size);
        _evidence.CutTo(size);
        return Resend.CutTo(size, Read);
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
        Place.IsListed = false;
        File.Copy = copy;
    }

    /// <summary>Closes the file for good. It stays known, so that a later listing does not open it again.</summary>
    public void Close() => File.Close(Name.FileName);

    /// <summary>Closes the file until its next turn. Positions stay, so pushes that are under way can be answered or sent again.</summary>
    public void Park() => File.Park(Name.FileName);

    /// <summary>Opens a parked file again. Whether it was truncated meanwhile is found out by the next look, as if it had been open.</summary>
    /// <returns>0; the error number if it can't be opened; <see cref="Libc.ErrorNotFound"/> if its name leads to another file now.</returns>
    public int Reopen() => File.Reopen(Path);

    /// <summary>Tells whether the file still has the content that is known of it, and takes the longer identity if it has grown.</summary>
    /// <param name="head">How it begins.</param>
    public bool TryTakeHead(ReadOnlySpan<byte> head)
    {
        if (!_evidence.TryIdentify(head))
        {
            return false;
        }

        return IsGzip || !HasCommonHead || !Proof.IsKnown || File.Copy is not null || Proof.Matches(Handle!, isGzip: false);
    }
}
