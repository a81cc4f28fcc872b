using System.Runtime.InteropServices;

namespace Shipper.Journal;

/// <summary>A directory of journal files, opened with libsystemd, and its current entry.</summary>
/// <remarks>Usable from any thread, but only from one at a time.</remarks>
internal sealed unsafe class JournalHandle : IDisposable
{
    private JournalHandle(nint journal) => Pointer = journal;

    /// <summary>The library's handle.</summary>
    public nint Pointer { get; private set; }

    /// <summary>True if inotify notifies the library of new files.</summary>
    public bool IsWatched { get; private set; }

    /// <summary>Opens a directory.</summary>
    /// <param name="error">The library's negative error number, or 0.</param>
    /// <returns>Null if the directory can't be opened.</returns>
    public static JournalHandle? TryOpen(string directory, out int error)
    {
        error = LibSystemd.OpenDirectory(out nint journal, directory, 0);
        return error < 0 ? null : new JournalHandle(journal);
    }

    /// <summary>Prepares for reading entries as they are written.</summary>
    /// <param name="dataThreshold">Minimum number of bytes of a field to decompress.</param>
    /// <returns>The library's negative error number, or 0.</returns>
    public int Follow(nuint dataThreshold)
    {
        int error = LibSystemd.SetDataThreshold(Pointer, dataThreshold);

        // This call creates the inotify instance and lists the directory once more.
        IsWatched = LibSystemd.GetDescriptor(Pointer) >= 0;
        return error;
    }

    /// <summary>Processes notifications of files that appeared or disappeared.</summary>
    /// <returns>True if anything has changed.</returns>
    public bool Process() => LibSystemd.Process(Pointer) != LibSystemd.Unchanged;

    public int SeekHead() => LibSystemd.SeekHead(Pointer);

    public int SeekTime(ulong microseconds) => LibSystemd.SeekTime(Pointer, microseconds);

    public int SeekCursor(string cursor) => LibSystemd.SeekCursor(Pointer, cursor);

    /// <summary>Moves to the next entry.</summary>
    /// <returns>A positive number if there is a next entry, 0 at the end, or the library's negative error number.</returns>
    public int Next() => LibSystemd.Next(Pointer);

    /// <summary>True if the current entry is the cursor's, or matches all parts of the cursor.</summary>
    public bool IsAt(string cursor) => LibSystemd.TestCursor(Pointer, cursor) > 0;

    /// <summary>Returns the cursor of the current entry; null if the entry's file is gone.</summary>
    public string? GetCursor()
    {
        if (LibSystemd.GetCursor(Pointer, out byte* text) < 0)
        {
            return null;
        }

        string cursor = Marshal.PtrToStringUTF8((nint)text)!;
        NativeMemory.Free(text);
        return cursor;
    }

    /// <summary>Reads the times of the current entry: microseconds since 1970, and microseconds since the boot.</summary>
    /// <returns>The library's negative error number, or 0.</returns>
    public int GetTimes(out ulong realtime, out ulong monotonic, out JournalId boot)
    {
        fixed (ulong* real = &realtime, since = &monotonic)
        fixed (JournalId* id = &boot)
        {
            int error = LibSystemd.GetTime(Pointer, real);
            return error < 0 ? error : LibSystemd.GetMonotonic(Pointer, since, id);
        }
    }

    /// <summary>Reads the times of the first and the last entry of a boot in the directory, in microseconds since the boot.</summary>
    /// <returns>False if the directory has no entry of that boot.</returns>
    public bool TryGetSpan(JournalId boot, out ulong first, out ulong last)
    {
        fixed (ulong* from = &first, to = &last)
        {
            return LibSystemd.GetCutoffMonotonic(Pointer, boot, from, to) > 0;
        }
    }

    public void Dispose()
    {
        if (Pointer != 0)
        {
            LibSystemd.Close(Pointer);
            Pointer = 0;
        }
    }
}
