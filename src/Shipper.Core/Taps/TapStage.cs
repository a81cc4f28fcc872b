namespace Shipper.Taps;

/// <summary>Where a tap is: which records it shows.</summary>
internal enum TapStage
{
    /// <summary>Records as they were read.</summary>
    Read,

    /// <summary>Records as they are sent.</summary>
    Processed,

    /// <summary>Records that were left out.</summary>
    Dropped,
}
