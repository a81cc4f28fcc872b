using System.Runtime.InteropServices;
using Shipper.Native;

namespace Shipper.Journal;

/// <summary>
/// Compares the files in a journal directory with the files that the library reads. The library opens a directory successfully regardless of the state of its
/// files, and silently omits files that it may not read, does not understand or finds damaged.
/// </summary>
/// <remarks>
/// /proc/self/fd shows which files the library has open. To find out why a file was omitted, the agent opens that file alone, which returns the error.
/// Not thread-safe.
/// </remarks>
internal sealed unsafe class JournalFiles(string directory)
{
    /// <summary>If the limit of open files is at least this high, journal files are not counted.</summary>
    private const ulong EnoughDescriptors = 4096;

    private const string OwnDescriptors = "/proc/self/fd";
    private const int IdCharacters = 32;

    private readonly List<JournalProblem> _problems = [];
    private readonly Dictionary<string, FileStatus> _missing = [];
    private readonly Dictionary<string, FileStatus> _retried = [];
    private readonly HashSet<(ulong Device, ulong Inode)> _open = [];
    private string? _cursor;

    /// <summary>The problems found by the last check: first those of the directory as a whole, then those of its parts.</summary>
    public IReadOnlyList<JournalProblem> Problems => _problems;

    /// <summary>Number of journal files in the last check.</summary>
    public int Count { get; private set; }

    /// <summary>Number of journal files that the library reads.</summary>
    public int ReadCount { get; private set; }

    /// <summary>
    /// The newest entry's time in the files that may not have been read to their end, according to their headers, in microseconds since 1970.
    /// </summary>
    public ulong NewestUnreadTime { get; private set; }

    /// <summary>
    /// Checks that the journal's files leave enough descriptors for logs and connections. The library keeps every file open, and opens all files a second
    /// time for a stream that is read alone.
    /// </summary>
    /// <returns>The problem that prevents opening the journal; null if there is none.</returns>
    public JournalProblem? CheckDescriptorLimit()
    {
        ulong limit = OpenFileLimit.Current;
        if (limit >= EnoughDescriptors || !Directory.Exists(directory))
        {
            return null;
        }

        try
        {
            int files = EnumerateFiles().Count();
            return (2 * (ulong)files) + OpenFileLimit.Min <= limit
                ? null
                : new JournalProblem(
                    JournalProblemReasons.Failed, directory, $"it has {files} files, but the agent can have only {limit} files open", "Raise the limit of open files (ulimit -n). The agent retries.");
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // The error is reported when the directory is opened.
            return null;
        }
    }

    /// <summary>Compares the directory with the files that the library has open.</summary>
    /// <param name="cursor">The cursor up to which the journal was read; null if there is none.</param>
    /// <returns>True if the library omits a file that it could read, so that the journal should be reopened.</returns>
    public bool Check(string? cursor)
    {
        _cursor = cursor;
        _problems.Clear();
        _missing.Clear();
        Count = 0;
        ReadCount = 0;
        NewestUnreadTime = 0;
        ListOpenFiles();
        CheckDirectory(directory, isRoot: true);
        if (Count == 0 && _problems.Count == 0)
        {
            _problems.Add(new JournalProblem(
                JournalProblemReasons.NoFiles,
                directory,
                "it contains no journal files",
                "This is normal if journald writes elsewhere (to /run/log/journal without Storage=persistent); otherwise mount the node's directory here."));
        }
        else if (ReadCount == 0 && Count > 0 && _missing.Count == 0)
        {
            _problems.Insert(0, new JournalProblem(
                JournalProblemReasons.NoReadableFile, directory, $"none of its {Count} journal files can be read", "Nothing from this journal is sent. See the problems of its files."));
        }

        return _missing.Count > 0;
    }

    /// <summary>
    /// True if a file of a boot has entries with timestamps before a cursor of an earlier boot, and another journald than the cursor's numbered the file.
    /// Then only the boot ID shows that these entries are newer.
    /// </summary>
    public bool HasBackdatedEntries(JournalId boot, string cursor)
    {
        _ = JournalCursor.TryParse(cursor, out JournalCursor numbered);
        try
        {
            return EnumerateFiles().Any(path => JournalFileHeader.Read(path) is { } header && header.LastBoot == boot && header.FirstTime < JournalCursor.ReadTime(cursor) && !header.IsOf(numbered));
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // The library can't read the directory, either.
            return false;
        }
    }

    /// <summary>Records that the journal was reopened to read missing files. A file that is still missing is not retried until it changes.</summary>
    public void OnReopened()
    {
        foreach ((string path, FileStatus status) in _missing)
        {
            _retried[path] = status;
        }
    }

    /// <summary>Converts an error of the library into a problem.</summary>
    public static JournalProblem Describe(string path, int error) => error switch
    {
        LibSystemd.ErrorNotFound => new(
            JournalProblemReasons.NoDirectory,
            path,
            "the directory does not exist",
            "This is normal if journald writes elsewhere; otherwise mount the node's directory here."),
        LibSystemd.ErrorAccess or LibSystemd.ErrorNotPermitted => new(
            JournalProblemReasons.NoPermission,
            path,
            "the agent has no permission to read it",
            "Run the agent as root, or with the group that owns it (systemd-journal; set supplementalGroups to its ID on the node)."),
        LibSystemd.ErrorProtocolUnsupported or LibSystemd.ErrorNotSupported => new(
            JournalProblemReasons.UnsupportedFormat,
            path,
            $"its format is not supported by this libsystemd ({JournalFileHeader.DescribeFlags(path) ?? "no header"})",
            "Use an image whose libsystemd is at least as new as the node's systemd, and which contains liblz4, libzstd and liblzma."),
        LibSystemd.ErrorNoData or LibSystemd.ErrorBadMessage => new(
            JournalProblemReasons.Damaged,
            path,
            "it is truncated or corrupt",
            "journalctl --verify shows details. journald starts a new file by itself; delete this one when it is no longer needed."),
        _ => new(JournalProblemReasons.Failed, path, Marshal.GetPInvokeErrorMessage(-error), "The agent retries."),
    };

    private IEnumerable<string> EnumerateFiles() =>
        Directory.EnumerateFiles(directory, "*.journal*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 });

    /// <summary>Checks the files in a directory, and in the subdirectories named after machine IDs.</summary>
    private void CheckDirectory(string path, bool isRoot)
    {
        try
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(path))
            {
                string name = Path.GetFileName(entry);
                if (name.EndsWith(".journal", StringComparison.Ordinal) || name.EndsWith(".journal~", StringComparison.Ordinal))
                {
                    CheckFile(entry);
                }
                else if (isRoot && IsMachineDirectory(name) && Directory.Exists(entry))
                {
                    CheckDirectory(entry, isRoot: false);
                }
                else if (isRoot && name.Length > IdCharacters && name[IdCharacters] == '.' && IsMachineDirectory(name[..IdCharacters]))
                {
                    _problems.Add(new JournalProblem(
                        JournalProblemReasons.Namespace, entry, "it is the journal of a namespace, which is read only if it is configured", "To read it, add it to sources.journal.directories."));
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            if (isRoot)
            {
                _problems.Insert(0, Describe(path, LibSystemd.ErrorNotFound));
            }
        }
        catch (UnauthorizedAccessException)
        {
            _problems.Add(Describe(path, LibSystemd.ErrorAccess));
        }
        catch (IOException e)
        {
            _problems.Add(new JournalProblem(JournalProblemReasons.Failed, path, e.Message, "The agent retries."));
        }
    }

    /// <summary>Checks whether the library reads a file and, if not, finds out why.</summary>
    private void CheckFile(string path)
    {
        // The file was deleted after the listing, or has just been created: an empty file has no entries that could be missing.
        if (FileStatus.OfPath(path, out FileStatus status) != 0 || status.Size == 0)
        {
            return;
        }

        Count++;
        if (_open.Contains((status.Device, status.Inode)))
        {
            ReadCount++;
            if (JournalFileHeader.Read(path) is { } header && (_cursor is null || !header.EndsBefore(_cursor)))
            {
                NewestUnreadTime = Math.Max(NewestUnreadTime, header.LastTime);
            }

            _retried.Remove(path);
            return;
        }

        int error = TryOpen(path);
        if (error == LibSystemd.ErrorNotFound)
        {
            Count--;
            return;
        }

        if (error == 0 && (!_retried.TryGetValue(path, out FileStatus tried) || tried != status))
        {
            _missing.Add(path, status);
            return;
        }

        // The file can be opened, but the library omitted it twice, so its content does not match its header.
        _problems.Add(Describe(path, error == 0 ? LibSystemd.ErrorBadMessage : error));
    }

    /// <summary>Opens a single file.</summary>
    /// <returns>0, or the library's negative error number.</returns>
    private static int TryOpen(string path)
    {
        byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            byte** paths = stackalloc byte*[] { text, null };
            int error = LibSystemd.OpenFiles(out nint journal, paths, 0);
            if (error >= 0)
            {
                LibSystemd.Close(journal);
            }

            return Math.Min(error, 0);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)text);
        }
    }

    private void ListOpenFiles()
    {
        _open.Clear();
        foreach (string descriptor in Directory.EnumerateFileSystemEntries(OwnDescriptors))
        {
            if (FileStatus.OfPath(descriptor, out FileStatus status) == 0)
            {
                _open.Add((status.Device, status.Inode));
            }
        }
    }

    private static bool IsMachineDirectory(string name) => Guid.TryParseExact(name, "N", out _) || Guid.TryParseExact(name, "D", out _);
}
