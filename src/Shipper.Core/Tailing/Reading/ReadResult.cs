namespace Shipper.Tailing.Reading;

/// <summary>Result of <see cref="LogReader.Read"/>.</summary>
internal enum ReadResult : byte
{
    /// <summary>A record was read.</summary>
    Record,

    /// <summary>
    /// A rotated file has been read to its end. List the directory and then continue reading: files that were rotated since the last listing come between
    /// this file and the newest one.
    /// </summary>
    NeedsListing,

    /// <summary>The turn is over, so that other streams can be read. There may be more to read.</summary>
    Paused,

    /// <summary>There is nothing more to read for now.</summary>
    Drained,
}
