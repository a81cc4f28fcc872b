namespace Shipper.Testing.Loki;

/// <summary>A stream in the double's store, with the block in which Loki still notices an equal entry.</summary>
/// <param name="labels">Its labels, normalised.</param>
/// <param name="blockBytes">Size of the block.</param>
public sealed class StoredStream(IReadOnlyList<KeyValuePair<string, string>> labels, int blockBytes)
{
    private readonly HashSet<StoredEntry> _block = [];
    private int _blockBytes;

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; } = labels;

    /// <summary>All entries, in the order in which they came.</summary>
    public List<StoredEntry> Entries { get; } = [];

    public long NewestNs { get; private set; } = long.MinValue;

    /// <summary>What its rate leaves; made when it is first needed.</summary>
    internal TokenBucket? Rate { get; set; }

    /// <summary>Stores an entry, unless its equal is still in the open block.</summary>
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
