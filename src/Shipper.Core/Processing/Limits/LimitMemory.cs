namespace Shipper.Processing.Limits;

/// <summary>
/// The state of one limit for one stream. All times are times of records, in nanoseconds since 1970, so a backlog gives the same result as live lines.
/// </summary>
internal record struct LimitMemory
{
    /// <summary>Name of the limit.</summary>
    public string Name { get; set; }

    /// <summary>The latest time of a record; 0 before the first record. It only goes back if the clock was set back (<see cref="LimitClock"/>).</summary>
    public long TimeNs { get; set; }

    /// <summary>When the bytes so far would have passed at the limit's rate; 0 before the first record.</summary>
    public long BytesDueNs { get; set; }

    /// <summary>When the records so far would have passed at the limit's rate; 0 before the first record.</summary>
    public long LinesDueNs { get; set; }

    /// <summary>Records over the limit since the last report.</summary>
    public long Records { get; set; }

    /// <summary>Bytes of their text.</summary>
    public long Bytes { get; set; }

    /// <summary>Time of the first of them; 0 if there is none.</summary>
    public long SinceNs { get; set; }
}
