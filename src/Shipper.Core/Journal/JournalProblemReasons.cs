namespace Shipper.Journal;

/// <summary>The reasons why a journal or one of its files is not read, for metric labels and the status page.</summary>
internal static class JournalProblemReasons
{
    /// <summary>libsystemd.so.0 can't be loaded.</summary>
    public const string NoLibrary = "no_library";

    /// <summary>The directory does not exist.</summary>
    public const string NoDirectory = "no_directory";

    /// <summary>The directory contains no journal file.</summary>
    public const string NoFiles = "no_files";

    /// <summary>The agent has no permission to read the directory or the file.</summary>
    public const string NoPermission = "no_permission";

    /// <summary>The library does not support the file's format, because a newer systemd wrote the file.</summary>
    public const string UnsupportedFormat = "unsupported_format";

    /// <summary>The file is truncated or corrupt.</summary>
    public const string Damaged = "damaged";

    /// <summary>The directory has files, but none of them can be read.</summary>
    public const string NoReadableFile = "no_readable_file";

    /// <summary>The files have newer entries than the library returns.</summary>
    public const string Stalled = "stalled";

    /// <summary>The directory is a journal namespace, which is read only if it is configured.</summary>
    public const string Namespace = "namespace";

    /// <summary>No inotify instance is available, so new files are found by listing the directory.</summary>
    public const string NoWatch = "no_watch";

    /// <summary>Any other problem.</summary>
    public const string Failed = "failed";

    /// <summary>The reasons that <c>shipper_journal_errors_total</c> counts. The others are normal on some nodes.</summary>
    public static IReadOnlyList<string> Errors { get; } = [NoLibrary, NoPermission, UnsupportedFormat, Damaged, NoReadableFile, Stalled, NoWatch, Failed];

    public static IReadOnlyList<string> All { get; } =
        [NoLibrary, NoDirectory, NoFiles, NoPermission, UnsupportedFormat, Damaged, NoReadableFile, Stalled, Namespace, NoWatch, Failed];
}
