namespace Shipper.Tailing.Reading;

/// <summary>Result of <see cref="LogReader.Read"/>.</summary>
internal enum ReadResult : byte
{
    /// <summary>A record was read.</summary>
    Record,

    /// <summary>
    /// A rotated file was read completely. List the directory, because files that were rotated since the last listing come between this file and the newest;
    /// then read on.
    /// </summary>
    NeedsListing,

    /// <summary>The turn is over, because it is the other streams' turn. There may be more to read.</summary>
    Paused,

    /// <summary>There is nothing more to read for now.</summary>
    Drained,
}
