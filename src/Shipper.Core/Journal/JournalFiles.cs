using System.Runtime.InteropServices;
using Shipper.Native;

namespace Shipper.Journal;

/// <summary>
/// Compares the files of a journal directory with those that the library reads. It opens a directory successfully whatever
/// becomes of the files in it: one that it may not read, does not understand or finds damaged it leaves out without a word.
/// </summary>
/// <remarks>
/// Which files it has open is seen in /proc/self/fd, and why one is not is asked by opening that one alone, which gives the
/// error. Not safe for concurrent use.
/// </remarks>
/// <param name="directory">The directory.</param>
internal sealed unsafe class JournalFiles(string directory)
{
    /// <summary>With a limit of this many descriptors the files are not counted.</summary>
    private const ulong EnoughDescriptors = 4096;

    private const string OwnDescriptors = "/proc/self/fd";
    private const int IdCharacters = 32;

    private readonly List<JournalProblem> _problems = [];
    private readonly Dictionary<string, FileStatus> _lacking = [];
    private readonly Dictionary<string, FileStatus> _triedAgain = [];
    private readonly HashSet<(ulong Device, ulong Inode)> _open = [];
    private string? _cursor;

    /// <summary>What was wrong at the last check: first with the directory as a whole, then with parts of it.</summary>
    public IReadOnlyList<JournalProblem> Problems => _problems;

    /// <summary>Files at the last check.</summary>
    public int Count { get; private set; }

    /// <summary>Those of them that the library reads.</summary>
    public int ReadCount { get; private set; }

    /// <summary>The time of the newest entry in those that may not have been read to their end, in microseconds since 1970, by their headers.</summary>
    public ulong NewestTime { get; private set; }

    /// <summary>
    /// Checks that the journal's files leave enough descriptors for logs and connections. The library opens every file and keeps it open. It opens all of
    /// them a second time for a stream that is read alone.
    /// </summary>
    /// <returns>Why the journal can't be opened; null if it can.</returns>
    public JournalProblem? FindTooMany()
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
                    JournalProblemReasons.Failed, directory, $"it has {files} files, and the agent may have only {limit} files open", "Raise the limit of open files (ulimit -n). It is tried again.");
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // Opening it says so.
            return null;
        }
    }

    /// <summary>Looks at the directory.</summary>
    /// <param name="cursor">The cursor that reading has come to; null if there is none.</param>
    /// <returns>True where the library lacks a file that it could read, so that the journal should be opened again.</returns>
    public bool Check(string? cursor)
    {
        _cursor = cursor;
        _problems.Clear();
        _lacking.Clear();
        Count = 0;
        ReadCount = 0;
        NewestTime = 0;
        ListOpenFiles();
        List(directory, isRoot: true);
        if (Count == 0 && _problems.Count == 0)
        {
            _problems.Add(new JournalProblem(
                JournalProblemReasons.NoFiles,
                directory,
                "it holds no journal files",
                "Where journald writes elsewhere (/run/log/journal without Storage=persistent), that is as it should be; else mount the node's directory here."));
        }
        else if (ReadCount == 0 && Count > 0 && _lacking.Count == 0)
        {
            _problems.Insert(0, new JournalProblem(
                JournalProblemReasons.NoReadableFile, directory, $"not one of its {Count} journal files can be read", "Nothing of the journal is sent. See the reasons of the files."));
        }

        return _lacking.Count > 0;
    }

    /// <summary>
    /// True if a file of a boot has entries that the clock dates before a cursor of an earlier boot, and is not numbered by the cursor's journald. Then only the
    /// boot tells that they are newer.
    /// </summary>
    /// <param name="boot">The boot.</param>
    /// <param name="cursor">The cursor.</param>
    public bool HasEarlierOf(JournalId boot, string cursor)
    {
        _ = JournalCursor.TryParse(cursor, out JournalCursor numbered);
        try
        {
            return EnumerateFiles().Any(path => JournalFileHeader.Read(path) is { } header && header.LastBoot == boot && header.FirstTime < JournalCursor.ReadTime(cursor) && !header.IsOf(numbered));
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // The library can't read it either.
            return false;
        }
    }

    /// <summary>
    /// Notes that the journal was opened again for what was lacking: what then still is will not be read until it changes.
    /// </summary>
    public void NoteOpenedAgain()
    {
        foreach ((string path, FileStatus status) in _lacking)
        {
            _triedAgain[path] = status;
        }
    }

    /// <summary>Describes an error of the library.</summary>
    public static JournalProblem Describe(string path, int error) => error switch
    {
        LibSystemd.ErrorNotFound => new(
            JournalProblemReasons.NoDirectory,
            path,
            "the directory does not exist",
            "Where journald writes elsewhere, that is as it should be; else mount the node's directory here."),
        LibSystemd.ErrorAccess or LibSystemd.ErrorNotPermitted => new(
            JournalProblemReasons.NoPermission,
            path,
            "it may not be read",
            "Run as root, or with the group that owns it (systemd-journal; its number is the node's, see supplementalGroups)."),
        LibSystemd.ErrorProtocolUnsupported or LibSystemd.ErrorNotSupported => new(
            JournalProblemReasons.UnsupportedFormat,
            path,
            $"it is written in a way that this libsystemd does not know ({JournalFileHeader.DescribeFlags(path) ?? "no header"})",
            "Use an image with the libsystemd of the node's systemd or a newer one, and with liblz4, libzstd and liblzma."),
        LibSystemd.ErrorNoData or LibSystemd.ErrorBadMessage => new(
            JournalProblemReasons.Damaged,
            path,
            "it is cut off or corrupt",
            "journalctl --verify tells more. journald begins a new file by itself; remove this one when it is no longer of use."),
        _ => new(JournalProblemReasons.Failed, path, Marshal.GetPInvokeErrorMessage(-error), "It is tried again."),
    };

    private IEnumerable<string> EnumerateFiles() =>
        Directory.EnumerateFiles(directory, "*.journal*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 });

    /// <summary>Lists one directory; those of machine ids in it as well.</summary>
    private void List(string path, bool isRoot)
    {
        try
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(path))
            {
                string name = Path.GetFileName(entry);
                if (name.EndsWith(".journal", StringComparison.Ordinal) || name.EndsWith(".journal~", StringComparison.Ordinal))
                {
                    Look(entry);
                }
                else if (isRoot && IsMachineDirectory(name) && Directory.Exists(entry))
                {
                    List(entry, isRoot: false);
                }
                else if (isRoot && name.Length > IdCharacters && name[IdCharacters] == '.' && IsMachineDirectory(name[..IdCharacters]))
                {
                    _problems.Add(new JournalProblem(
                        JournalProblemReasons.Namespace, entry, "it is the journal of a namespace, which is read only where it is asked for", "Add it to sources.journal.directories to have it read."));
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
            _problems.Add(new JournalProblem(JournalProblemReasons.Failed, path, e.Message, "It is tried again."));
        }
    }

    /// <summary>Finds out whether the library reads a file, and if not, why.</summary>
    private void Look(string path)
    {
        // Deleted since it was listed, or only just made: an empty file has no entries that could be missed.
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
                NewestTime = Math.Max(NewestTime, header.LastTime);
            }

            _triedAgain.Remove(path);
            return;
        }

        int error = TryOpen(path);
        if (error == LibSystemd.ErrorNotFound)
        {
            Count--;
            return;
        }

        if (error == 0 && (!_triedAgain.TryGetValue(path, out FileStatus tried) || tried != status))
        {
            _lacking.Add(path, status);
            return;
        }

        // It opens, but the library has left it a second time: what its header says is not what is in it.
        _problems.Add(Describe(path, error == 0 ? LibSystemd.ErrorBadMessage : error));
    }

    /// <summary>Opens one file alone.</summary>
    /// <returns>0, or the negative error number.</returns>
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
