namespace Shipper.Processing.Redaction;

/// <summary>
/// Where an output is in a private key that takes several records. It follows every record, also those that are dropped, because a dropped record may contain
/// the line that begins the key. Packed into <see cref="OutputMemory.KeyState"/>; 0 outside of a key.
/// </summary>
internal struct KeyProgress(int packed)
{
    /// <summary>No key has more lines: one of 16,384 bits has 200 with 64 bytes each.</summary>
    public const int MaxRecords = 200;

    /// <summary>At most this many other records may stand between two lines of a key: another thread prints them.</summary>
    private const int MaxOthers = 10;

    private const int RecordBits = 8;
    private const int OtherBits = 4;
    private const int LinesFlag = 1 << (RecordBits + OtherBits);
    private const int MarkerFlag = LinesFlag << 1;

    /// <summary>The value to store.</summary>
    public int Packed { get; private set; } = packed;

    /// <summary>True from the record with the beginning of a key until the record with its end.</summary>
    public readonly bool IsOpen => Packed != 0;

    /// <summary>Number of records of the key so far.</summary>
    public readonly int Records => Packed & ((1 << RecordBits) - 1);

    /// <summary>True if the last record ended within the lines of the key, so that a short rest of them may come next.</summary>
    public readonly bool EndedInLines => (Packed & LinesFlag) != 0 && Others == 0;

    /// <summary>True if the last record ended within the line that begins a key.</summary>
    public readonly bool EndedInMarker => (Packed & MarkerFlag) != 0;

    /// <summary>True if only the line that begins the key has come.</summary>
    public readonly bool IsFirst => (Packed & ~MarkerFlag) is 1 or 2;

    private readonly int Others => (Packed >> RecordBits) & ((1 << OtherBits) - 1);

    /// <summary>A record contained the beginning of a key, and ended before the key did.</summary>
    /// <param name="hasLines">True if the record also contained lines of the key.</param>
    public static KeyProgress Begin(bool hasLines) => new(1 | (hasLines ? LinesFlag : 0));

    /// <summary>A record ended within the line that begins a key.</summary>
    public static KeyProgress BeginInMarker() => new(1 | MarkerFlag);

    /// <summary>A record contained a part of the key.</summary>
    /// <param name="hasLines">True if lines of the key have come.</param>
    public void AddRecord(bool hasLines) => Packed = Records < MaxRecords ? (Records + 1) | (hasLines ? LinesFlag : 0) : 0;

    /// <summary>A record contained nothing of the key.</summary>
    public void AddOther() => Packed = Others < MaxOthers && !EndedInMarker ? Packed + (1 << RecordBits) : 0;
}
