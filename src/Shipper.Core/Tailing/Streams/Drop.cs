namespace Shipper.Tailing.Streams;

/// <summary>Lines that a run has passed over. They count once the position behind them is acknowledged. Until then they may be read again.</summary>
/// <param name="Generation">The generation they stand in.</param>
/// <param name="Reason">Why, one of <see cref="Telemetry.DropReasons"/>.</param>
/// <param name="Records">How many; one that stands in several generations counts with its end.</param>
/// <param name="Bytes">Bytes that they take in the file, with headers and newlines.</param>
internal readonly record struct Drop(Generation Generation, string Reason, long Records, long Bytes)
{
    /// <summary>True if the bytes were lost before they could be read: their place is there, but not what stood in it.</summary>
    public bool IsLost { get; init; }

    /// <summary>Time of the last record before what is lost, in nanoseconds since 1970.</summary>
    public long SinceNs { get; init; }

    /// <summary>Adds to what there is of the same.</summary>
    public static void Add(List<Drop> drops, Drop drop)
    {
        for (int i = 0; i < drops.Count; i++)
        {
            if (drops[i].Generation == drop.Generation && ReferenceEquals(drops[i].Reason, drop.Reason) && drops[i].IsLost == drop.IsLost)
            {
                drops[i] = drops[i] with { Records = drops[i].Records + drop.Records, Bytes = drops[i].Bytes + drop.Bytes };
                return;
            }
        }

        drops.Add(drop);
    }
}
