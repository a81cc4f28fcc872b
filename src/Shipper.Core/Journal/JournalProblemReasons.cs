namespace Shipper.Journal;

/// <summary>Why a journal, or a file of it, is not read: for labels of metrics and the status page.</summary>
internal static class JournalProblemReasons
{
    /// <summary>libsystemd.so.0 is not there.</summary>
    public const string NoLibrary = "no_library";

    /// <summary>The directory does not exist.</summary>
    public const string NoDirectory = "no_directory";

    /// <summary>The directory holds no journal file.</summary>
    public const string NoFiles = "no_files";

    /// <summary>The directory or the file may not be read.</summary>
    public const string NoPermission = "no_permission";

    /// <summary>A newer systemd wrote the file than the library knows.</summary>
    public const string UnsupportedFormat = "unsupported_format";

    /// <summary>The file is cut off or corrupt.</summary>
    public const string Damaged = "damaged";

    /// <summary>The files are there, and not one of them can be read.</summary>
    public const string NoReadableFile = "no_readable_file";

    /// <summary>Files have newer entries than the library gives.</summary>
    public const string Stalled = "stalled";

    /// <summary>A journal namespace, which has to be asked for.</summary>
    public const string Namespace = "namespace";

    /// <summary>No inotify instance: new files are found by listing the directory.</summary>
    public const string NoWatch = "no_watch";

    /// <summary>Anything else.</summary>
    public const string Failed = "failed";

    public static IReadOnlyList<string> All { get; } =
        [NoLibrary, NoDirectory, NoFiles, NoPermission, UnsupportedFormat, Damaged, NoReadableFile, Stalled, Namespace, NoWatch, Failed];
}
