namespace Shipper.Tailing.Reading;

/// <summary>What <see cref="LogReader.Read"/> came to.</summary>
internal enum ReadResult : byte
{
    /// <summary>There is a record.</summary>
    Record,

    /// <summary>
    /// All of a rotated file is read. List the directory before reading goes on: what was rotated since the last listing stands between this file and
    /// the newest. Then read on.
    /// </summary>
    NeedsListing,

    /// <summary>The other streams have their turn. There may be more.</summary>
    Paused,

    /// <summary>There is nothing more for now.</summary>
    Drained,
}
