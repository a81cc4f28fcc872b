namespace Shipper.Telemetry;

/// <summary>Why a log file or directory can't be read: label <c>reason</c> of <c>shipper_file_errors_total</c>.</summary>
internal static class FileErrorReasons
{
    /// <summary>The agent has no permission.</summary>
    public const string Permission = "permission";

    /// <summary>Any other error of the operating system, such as a missing directory.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>A link points to a directory that is not mounted into the agent's pod.</summary>
    public const string NotMounted = "not_mounted";

    /// <summary>A link points to a file that does not exist.</summary>
    public const string BrokenLink = "broken_link";

    /// <summary>A path leads to a directory, a pipe or something else that is not a regular file.</summary>
    public const string NotAFile = "not_a_file";

    /// <summary>The file is compressed, and not with gzip.</summary>
    public const string Compressed = "compressed";

    /// <summary>A gzip file is damaged.</summary>
    public const string DamagedGzip = "damaged_gzip";

    /// <summary>The file's name is not UTF-8.</summary>
    public const string InvalidName = "invalid_name";

    /// <summary>The limit of open files is reached.</summary>
    public const string TooManyOpenFiles = "too_many_open_files";

    /// <summary>The file was deleted before the agent could open it.</summary>
    public const string Gone = "gone";

    public static IReadOnlyList<string> All { get; } =
        [Permission, Unreadable, NotMounted, BrokenLink, NotAFile, Compressed, DamagedGzip, InvalidName, TooManyOpenFiles, Gone];
}
