namespace Shipper.Telemetry;

/// <summary>Reasons for bytes lost before the agent could read them: label <c>reason</c> of <c>shipper_lost_bytes_total</c>.</summary>
internal static class LossReasons
{
    /// <summary>The file was deleted while the agent did not have it open.</summary>
    public const string Deleted = "deleted";

    /// <summary>The file was truncated, and no copy was found.</summary>
    public const string Truncated = "truncated";

    /// <summary>The agent closed a held file because held files exceeded <c>heldBytes</c>.</summary>
    public const string HeldBytes = "held_bytes";

    /// <summary>A compressed file is damaged and can't be read past the damage.</summary>
    public const string DamagedGzip = "damaged_gzip";

    /// <summary>Reading the file failed repeatedly with an I/O error.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The file has NUL bytes in place of the lines, as after a power loss.</summary>
    public const string NulBytes = "nul_bytes";

    public static IReadOnlyList<string> All { get; } = [Deleted, Truncated, HeldBytes, DamagedGzip, Unreadable, NulBytes];
}
