using Shipper.Content;

namespace Shipper.Checkpoints;

/// <summary>The saved state of one generation of a log: how to recognize its file, and how far it is acknowledged.</summary>
/// <remarks>Changed only by <see cref="CheckpointStore"/>, under its lock; the lane that owns the stream may read it.</remarks>
/// <param name="id">Number that is unique in the state directory.</param>
/// <param name="logPath">Path of the generation's log, under its unrotated name.</param>
internal sealed class GenerationCheckpoint(int id, string logPath)
{
    private List<LedgerEntry>? _ledgerEntries;

    public int Id { get; } = id;

    public string LogPath { get; internal set; } = logPath;

    /// <summary>Identity of the file.</summary>
    public FileIdentity Identity { get; internal set; }

    /// <summary>Proof of the content before an acknowledged position; no proof if the first bytes suffice to identify the file.</summary>
    public FileProof Proof { get; internal set; }

    /// <summary>The file's inode when the generation was last stored. It decides between files that start with the same bytes.</summary>
    public ulong Inode { get; internal set; }

    /// <summary>Everything before this position is acknowledged, or was dropped for a counted reason.</summary>
    public FilePosition Acknowledged { get; internal set; }

    /// <summary>Bytes of uncompressed content that the file was known to have.</summary>
    public long Size { get; internal set; }

    /// <summary>The last push that contained records of this generation; null if none is known.</summary>
    public SentRange? LastSentRange { get; private set; }

    /// <summary>Numbers of dropped and lost bytes in all runs of the agent, one entry per reason.</summary>
    public IReadOnlyList<LedgerEntry> LedgerEntries => _ledgerEntries ?? (IReadOnlyList<LedgerEntry>)[];

    /// <summary>
    /// When the previous run of the agent last wrote the checkpoint files, in nanoseconds since 1970; 0 if they did not contain the generation. A file that
    /// was created later can't be this generation's.
    /// </summary>
    public long CheckpointWrittenNs { get; internal set; }

    /// <summary>True if the store's files contain this generation.</summary>
    internal bool IsStored { get; set; }

    /// <summary>Records a push that is about to be sent. Raises the size to the end of the push.</summary>
    internal void SetLastSentRange(SentRange sent)
    {
        LastSentRange = sent;
        Size = Math.Max(Size, sent.End.Max);
    }

    /// <summary>Sets the number of bytes for a reason.</summary>
    internal void SetLedgerEntry(LedgerEntry ledgerEntry)
    {
        _ledgerEntries ??= [];
        _ledgerEntries.RemoveAll(known => known.IsLost == ledgerEntry.IsLost && known.Reason == ledgerEntry.Reason);
        _ledgerEntries.Add(ledgerEntry);
    }

    /// <summary>Adds to the number of bytes for a reason.</summary>
    /// <returns>The reason's new total.</returns>
    internal LedgerEntry AddToLedger(LedgerEntry added)
    {
        LedgerEntry total = added with { Bytes = added.Bytes + LedgerEntries.Where(known => known.IsLost == added.IsLost && known.Reason == added.Reason).Sum(known => known.Bytes) };
        SetLedgerEntry(total);
        return total;
    }
}
