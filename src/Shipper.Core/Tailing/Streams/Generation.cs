using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Parsing;
using Shipper.Tailing.Copies;

namespace Shipper.Tailing.Streams;

/// <summary>One file of a log: the live file, or a rotated or compressed one. Identified by its content, because names and inodes change.</summary>
/// <remarks>Owned by the lane of its stream; not thread-safe.</remarks>
internal sealed class Generation(RotatedLog rotatedLog, GenerationName name, GenerationCheckpoint checkpoint)
{
    private readonly FileEvidence _evidence = new(checkpoint.Identity, checkpoint.Proof);

    /// <summary>Location of the file.</summary>
    public GenerationPlace Place { get; } = new(rotatedLog, name);

    /// <inheritdoc cref="GenerationPlace.Log"/>
    public RotatedLog Log => Place.Log;

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

    /// <summary>The file with the content.</summary>
    public GenerationFile File { get; } = new();

    /// <summary>What happened to the file.</summary>
    public Fate Fate { get; set; }

    /// <inheritdoc cref="FileEvidence.Identity"/>
    public FileIdentity Identity => _evidence.Identity;

    /// <inheritdoc cref="FileEvidence.Proof"/>
    public FileProof Proof => _evidence.Proof;

    /// <summary>True if other files may begin with the same bytes.</summary>
    public bool HasCommonHead => _evidence.HasCommonHead(Log.HasHeaders);

    /// <summary>Checks whether other files of a log may begin with the same bytes.</summary>
    public static bool IsCommonHead(RotatedLog rotatedLog, ReadOnlySpan<byte> head) => !rotatedLog.HasHeaders || head.StartsWith("{"u8);

    /// <summary>The attributes of the generation's records, and which of the records Loki may already have.</summary>
    public ResendState Resend { get; } = new(checkpoint);

    /// <summary>True while Loki may have the next records although no checkpoint says so.</summary>
    public bool IsUnconfirmed => Resend.UnconfirmedUntil > ReadPosition.Max;

    /// <summary>True while Loki must be asked whether it has the next records.</summary>
    public bool NeedsResendQuery => IsUnconfirmed && !Resend.IsQueryImpossible;

    /// <inheritdoc cref="GenerationFile.Handle"/>
    public SafeFileHandle? Handle => File.Handle;

    /// <inheritdoc cref="GenerationFile.IsParked"/>
    public bool IsParked => File.IsParked;

    /// <inheritdoc cref="GenerationFile.Exists"/>
    public bool HasFile => File.Exists;

    /// <inheritdoc cref="GenerationFile.IsDeleted"/>
    public bool IsDeleted => File.IsDeleted;

    /// <inheritdoc cref="GenerationFile.IsGzip"/>
    public bool IsGzip => File.IsGzip;

    /// <inheritdoc cref="GenerationFile.Status"/>
    public FileStatus Status => File.Status;

    /// <summary>True if the file can be closed and reopened, because the file or its saved copy can be found by name.</summary>
    public bool CanPark => Handle is not null && UnfinishedSince is null && (File.Copy is not null || (IsListed && !IsDeleted));

    /// <summary>Size of the content and progress of reading.</summary>
    public ReadState Progress { get; } = new(checkpoint);

    /// <inheritdoc cref="ReadState.Size"/>
    public long Size => Progress.Size;

    /// <inheritdoc cref="ReadState.TrailingNuls"/>
    public long TrailingNuls => Progress.TrailingNuls;

    /// <inheritdoc cref="ReadState.Position"/>
    public FilePosition ReadPosition => Progress.Position;

    /// <inheritdoc cref="ReadState.UnfinishedSince"/>
    public long? UnfinishedSince => Progress.UnfinishedSince;

    /// <summary>Offset at which the content begins. Above 0 if NULs precede it, which a truncation leaves if the writer does not append.</summary>
    public long Start { get; set; }

    /// <summary>Encoding of plain lines; null until the file is long enough to detect it.</summary>
    public TextEncoding? Encoding { get; set; }

    /// <summary>True once skipped NULs have been reported for this content.</summary>
    public bool HasReportedNuls { get; set; }

    /// <summary>
    /// True once the agent has reported that the lines are probably UTF-16. NULs before such lines are halves of characters and are not reported.
    /// </summary>
    public bool HasReportedEncoding { get; set; }

    /// <summary>When the file was last seen to have changed, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LastGrowth { get; set; }

    /// <summary>The offset at which reading fails, and the <see cref="TimeProvider"/> timestamp of the first failure; null if reading works.</summary>
    public (long Offset, long Since)? Failing { get; set; }

    /// <summary>True while the file has bytes that have not been scanned.</summary>
    public bool HasUnscanned => HasFile && (IsGzip ? !Progress.IsExhausted && UnfinishedSince is null : Size > Progress.Scanned);

    /// <summary>True while the file has bytes that are in no batch.</summary>
    public bool IsUnread => HasFile && (HasUnscanned || ReadPosition.Min < Size || UnfinishedSince is not null);

    /// <summary>True if all bytes known to exist are acknowledged.</summary>
    public bool IsAcknowledged => Checkpoint.Acknowledged.Min >= Size && ReadPosition.Min >= Size && !HasUnscanned && UnfinishedSince is null;

    /// <summary>Number of unacknowledged bytes.</summary>
    public long LagBytes => Math.Max(0, Size - Checkpoint.Acknowledged.Min);

    /// <summary>True if the NULs after the content have been overwritten, or if the file now ends before them.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool HaveTrailingNulsChanged => TrailingNuls > 0 && Handle is { } handle && !NulBytes.IsAt(handle, Size);

    /// <summary>Records the proof of the position: a hash of the bytes before it. Does nothing if the file is recognized without a proof.</summary>
    /// <param name="taken">The bytes before the position that are still in the read buffer.</param>
    public void UpdateProof(ReadOnlySpan<byte> taken)
    {
        // A saved copy has a hole, and a .gz does not change.
        if (HasCommonHead && Handle is not null && !IsGzip && File.Copy is null && ReadPosition.Max > 0)
        {
            _evidence.UpdateProof(Handle, ReadPosition.Max, taken);
        }
    }

    /// <summary>Extends the identity of a file that has grown, or sets an unknown identity.</summary>
    /// <param name="head">The beginning of the file's content.</param>
    public void ExtendIdentity(ReadOnlySpan<byte> head) => _evidence.ExtendIdentity(head);

    /// <summary>Rewinds to the acknowledged position: everything after it is read again.</summary>
    /// <param name="isUnconfirmed">True if Loki may have some of the records after it.</param>
    public void Rewind(bool isUnconfirmed)
    {
        Progress.Rewind();
        if (isUnconfirmed)
        {
            Resend.Rewind();
        }
    }

    /// <summary>Takes ownership of an open file whose content was inspected.</summary>
    public void Attach(SafeFileHandle handle, FileStatus status, FileContent content)
    {
        Attach(handle, status, content.IsGzip, content.Size);
        Start = content.Start;
    }

    /// <summary>Takes ownership of an open file, and closes the current one.</summary>
    public void Attach(SafeFileHandle handle, FileStatus status, bool isGzip, long size)
    {
        Progress.Open(size, isGzip, wasGzip: IsGzip);
        File.Attach(handle, status, isGzip);
        Place.IsListed = true;
    }

    /// <summary>Adapts to a file that became shorter.</summary>
    /// <returns>The part of the last noted push that the file still contains; null if no push was noted.</returns>
    public SentRange? Truncate(long size)
    {
        Progress.Truncate(size);
        _evidence.Truncate(size);
        return Resend.Truncate(size, ReadPosition);
    }

    /// <summary>Attaches the saved copy of a deleted file in place of the file. Nobody writes to the copy, and no listed name leads to it.</summary>
    /// <param name="handle">The opened copy.</param>
    /// <param name="status">Status of the copy.</param>
    /// <param name="size">Bytes of uncompressed content.</param>
    public void Attach(HeldCopy copy, SafeFileHandle handle, FileStatus status, long size)
    {
        // The copy's inode belongs to the disk of the state directory.
        Attach(handle, status with { Links = 0, Inode = 0 }, copy.IsGzip, size);
        Place.IsListed = false;
        File.Copy = copy;
    }

    /// <summary>Closes the file for good. The file stays known, so that a later listing doesn't open it again.</summary>
    public void Close() => File.Close(Name.FileName);

    /// <summary>Closes the file until its next turn. Positions stay, so that pushes in flight can be acknowledged or resent.</summary>
    public void Park() => File.Park(Name.FileName);

    /// <summary>Reopens a parked file. If the file was truncated in the meantime, the next check notices that, as if the file had stayed open.</summary>
    /// <returns>0 on success, otherwise the error number; <see cref="Libc.ErrorNotFound"/> if the name leads to another file now.</returns>
    public int Reopen() => File.Reopen(Path);

    /// <summary>Checks whether the file still has the known content, and extends the identity if it has grown.</summary>
    /// <param name="head">The beginning of the file's content.</param>
    public bool TryMatchHead(ReadOnlySpan<byte> head)
    {
        if (!_evidence.TryExtendIdentity(head))
        {
            return false;
        }

        return IsGzip || !HasCommonHead || !Proof.IsKnown || File.Copy is not null || Proof.Matches(Handle!, isGzip: false);
    }
}
