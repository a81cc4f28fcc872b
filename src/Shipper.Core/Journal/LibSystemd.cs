using System.Runtime.InteropServices;

namespace Shipper.Journal;

/// <summary>
/// The functions of libsystemd that the agent calls, sd-journal(3). All of them are in systemd 205 (2013) and newer. The library is loaded at the first call
/// instead of being linked, so that the program starts without it. Check <see cref="IsAvailable"/> before any other call.
/// </summary>
/// <remarks>A journal handle may move between threads, but is not thread-safe.</remarks>
internal static unsafe partial class LibSystemd
{
    /// <summary>The result of <see cref="Process"/> if nothing has changed; sd_journal_process(3).</summary>
    public const int Unchanged = 0;

    /// <summary>Errors that sd-journal returns, as negative numbers of errno(3).</summary>
    public const int ErrorNotFound = -2;
    public const int ErrorAccess = -13;
    public const int ErrorNotPermitted = -1;
    public const int ErrorNoData = -61;
    public const int ErrorBadMessage = -74;
    public const int ErrorProtocolUnsupported = -93;
    public const int ErrorNotSupported = -95;
    public const int ErrorNoBuffer = -105;

    private const string Library = "libsystemd.so.0";

    private static readonly Lazy<bool> Loaded = new(() => NativeLibrary.TryLoad(Library, out _));

    /// <summary>True if the library can be loaded. It stays loaded.</summary>
    public static bool IsAvailable => Loaded.Value;

    [LibraryImport(Library, EntryPoint = "sd_journal_open_directory", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenDirectory(out nint journal, string path, int flags);

    /// <summary><paramref name="paths"/> must end with a null pointer.</summary>
    [LibraryImport(Library, EntryPoint = "sd_journal_open_files")]
    public static partial int OpenFiles(out nint journal, byte** paths, int flags);

    [LibraryImport(Library, EntryPoint = "sd_journal_close")]
    public static partial void Close(nint journal);

    [LibraryImport(Library, EntryPoint = "sd_journal_set_data_threshold")]
    public static partial int SetDataThreshold(nint journal, nuint bytes);

    [LibraryImport(Library, EntryPoint = "sd_journal_get_fd")]
    public static partial int GetDescriptor(nint journal);

    [LibraryImport(Library, EntryPoint = "sd_journal_process")]
    public static partial int Process(nint journal);

    [LibraryImport(Library, EntryPoint = "sd_journal_seek_head")]
    public static partial int SeekHead(nint journal);

    [LibraryImport(Library, EntryPoint = "sd_journal_seek_realtime_usec")]
    public static partial int SeekTime(nint journal, ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_journal_seek_cursor", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SeekCursor(nint journal, string cursor);

    /// <summary>Returns a positive number if the current entry is the cursor's.</summary>
    [LibraryImport(Library, EntryPoint = "sd_journal_test_cursor", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int TestCursor(nint journal, string cursor);

    /// <summary>The caller must release the text with free(3).</summary>
    [LibraryImport(Library, EntryPoint = "sd_journal_get_cursor")]
    public static partial int GetCursor(nint journal, out byte* cursor);

    [LibraryImport(Library, EntryPoint = "sd_journal_next")]
    public static partial int Next(nint journal);

    [LibraryImport(Library, EntryPoint = "sd_journal_get_realtime_usec")]
    public static partial int GetTime(nint journal, ulong* microseconds);

    [LibraryImport(Library, EntryPoint = "sd_journal_get_monotonic_usec")]
    public static partial int GetMonotonic(nint journal, ulong* microseconds, JournalId* boot);

    /// <summary>Returns a positive number if the journal has entries of the boot.</summary>
    [LibraryImport(Library, EntryPoint = "sd_journal_get_cutoff_monotonic_usec")]
    public static partial int GetCutoffMonotonic(nint journal, JournalId boot, ulong* from, ulong* to);

    [LibraryImport(Library, EntryPoint = "sd_journal_restart_data")]
    public static partial void RestartData(nint journal);

    /// <summary>The library owns the data, which is valid until the next call.</summary>
    [LibraryImport(Library, EntryPoint = "sd_journal_enumerate_data")]
    public static partial int EnumerateData(nint journal, byte** data, nuint* length);

    /// <summary>The library owns the data, which is valid until the next call.</summary>
    [LibraryImport(Library, EntryPoint = "sd_journal_get_data")]
    public static partial int GetData(nint journal, byte* field, byte** data, nuint* length);
}
