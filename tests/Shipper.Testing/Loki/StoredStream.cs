namespace Shipper.Testing.Loki;

/// <summary>A stream in the store of the double, with the block within which Loki drops equal entries.</summary>
/// <param name="labels">The normalized labels.</param>
/// <param name="blockBytes">Size of the block, in bytes.</param>
public sealed class StoredStream(IReadOnlyList<KeyValuePair<string, string>> labels, int blockBytes)
{
    private readonly HashSet<StoredEntry> _block = [];
    private int _blockBytes;

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; } = labels;

    /// <summary>All entries, in order of arrival.</summary>
    public List<StoredEntry> Entries { get; } = [];

    public long NewestNs { get; private set; } = long.MinValue;

    /// <summary>The rate limit; created when it is first needed.</summary>
    internal TokenBucket? Rate { get; set; }

    /// <summary>Stores an entry, unless an equal one is in the open block.</summary>
    public void Add(StoredEntry entry)
    {
        NewestNs = Math.Max(NewestNs, entry.TimestampNs);
        if (!_block.Add(entry))
        {
            return;
        }

        Entries.Add(entry);
        _blockBytes += entry.Line.Length;
        if (_blockBytes >= blockBytes)
        {
            _block.Clear();
            _blockBytes = 0;
        }
    }
}
