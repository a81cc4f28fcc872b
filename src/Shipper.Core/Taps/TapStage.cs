namespace Shipper.Taps;

/// <summary>Which records a tap shows, and in which form.</summary>
internal enum TapStage
{
    /// <summary>All records as they were read: lines are joined, and nothing else has happened to them.</summary>
    Read,

    /// <summary>The records that are sent, as they are sent.</summary>
    Processed,

    /// <summary>The records that are dropped, as they were when they were dropped.</summary>
    Dropped,
}
