namespace Shipper.Telemetry;

/// <summary>Why bytes were gone before they could be read: label <c>reason</c> of <c>shipper_lost_bytes_total</c>.</summary>
internal static class LossReasons
{
    /// <summary>The file was deleted, and nobody held it open.</summary>
    public const string Deleted = "deleted";

    /// <summary>The file was emptied, and no copy was found.</summary>
    public const string Truncated = "truncated";

    /// <summary>Deleted files could be held open no longer: <c>heldBytes</c>.</summary>
    public const string HeldBytes = "held_bytes";

    /// <summary>A compressed file can't be read beyond some byte.</summary>
    public const string DamagedGzip = "damaged_gzip";

    /// <summary>The disk gave an error again and again.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The file has NUL bytes in their place, as after a power loss.</summary>
    public const string NulBytes = "nul_bytes";

    public static IReadOnlyList<string> All { get; } = [Deleted, Truncated, HeldBytes, DamagedGzip, Unreadable, NulBytes];
}
