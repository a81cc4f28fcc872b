namespace Shipper.Tailing.Streams;

/// <summary>Lines or bytes that a run skipped. They are counted when the position after them is acknowledged; before that they may be read again.</summary>
/// <param name="Generation">The generation that contains them.</param>
/// <param name="Reason">Why they were skipped: one of <see cref="Telemetry.DropReasons"/>.</param>
/// <param name="Records">Number of records. A record that spans several generations is counted in the last one.</param>
/// <param name="Bytes">Bytes in the file, including headers and newlines.</param>
internal readonly record struct Drop(Generation Generation, string Reason, long Records, long Bytes)
{
    /// <summary>True if the bytes were lost before they could be read. The file still has their place, but not their content.</summary>
    public bool IsLost { get; init; }

    /// <summary>Time of the last record before the lost bytes, in nanoseconds since 1970.</summary>
    public long SinceNs { get; init; }

    /// <summary>Adds a drop to a list. Merges it with the drop of the same generation and reason, if there is one.</summary>
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
