using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Checkpoints;

/// <summary>Names, reads and writes the checkpoint files: <c>checkpoint-000001.snapshot</c> and <c>checkpoint-000001.log</c>.</summary>
internal static class CheckpointFiles
{
    private const string Prefix = "checkpoint-";
    private const string SnapshotSuffix = ".snapshot";
    private const string LogSuffix = ".log";

    public static string SnapshotPath(string directory, int number) => FilePath(directory, number, SnapshotSuffix);

    public static string LogPath(string directory, int number) => FilePath(directory, number, LogSuffix);

    /// <summary>Numbers of the snapshots, ascending.</summary>
    public static IReadOnlyList<int> FindSnapshots(string directory) => Find(directory, SnapshotSuffix);

    /// <summary>Numbers of the logs, ascending.</summary>
    public static IReadOnlyList<int> FindLogs(string directory) => Find(directory, LogSuffix);

    /// <summary>
    /// Writes a snapshot atomically: under a temporary name that is replaced by the final one after the content was flushed to disk. Then flushes the
    /// directory.
    /// </summary>
    /// <exception cref="IOException">The snapshot could not be written.</exception>
    public static void WriteSnapshot(string directory, int number, byte[] content)
    {
        string path = SnapshotPath(directory, number);
        string temporary = path + ".tmp";
        using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            Write(file, content, 0);
            FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        FlushDirectory(directory);
    }

    /// <summary>Writes at an offset.</summary>
    /// <exception cref="IOException">The content could not be written in full.</exception>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> content, long offset)
    {
        try
        {
            RandomAccess.Write(file, content, offset);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // .NET throws this exception for EFBIG: the process has a file size limit (ulimit -f).
            throw new IOException("File too large", e);
        }
    }

    /// <summary>Flushes a file to disk with fsync(2). <see cref="RandomAccess.FlushToDisk"/> was seen to ignore disk errors.</summary>
    /// <exception cref="IOException">The flush failed.</exception>
    public static void FlushToDisk(SafeFileHandle file)
    {
        while (Libc.Synchronize((int)file.DangerousGetHandle()) != 0)
        {
            // The file system does not support fsync, so nothing more can be done.
            int error = Marshal.GetLastPInvokeError();
            if (error == Libc.ErrorInvalid)
            {
                return;
            }

            if (error != Libc.ErrorInterrupted)
            {
                throw new IOException($"fsync: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    /// <summary>Deletes all files with smaller numbers, and temporary snapshots that a crash left behind. Continues after a failure.</summary>
    /// <returns>The last failure; null if all files were deleted.</returns>
    public static Exception? DeleteBefore(string directory, int number)
    {
        Exception? failure = null;
        foreach (string path in Directory.EnumerateFiles(directory, Prefix + "*"))
        {
            if (path.EndsWith(".tmp", StringComparison.Ordinal)
                || (TryParse(path, SnapshotSuffix, out int found) && found < number)
                || (TryParse(path, LogSuffix, out found) && found < number))
            {
                try
                {
                    File.Delete(path);
                }
                catch (Exception e) when (IoFailure.Is(e))
                {
                    failure = e;
                }
            }
        }

        return failure;
    }

    private static string FilePath(string directory, int number, string suffix) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D6}{suffix}"));

    private static List<int> Find(string directory, string suffix)
    {
        var numbers = new List<int>();
        foreach (string path in Directory.EnumerateFiles(directory, Prefix + "*" + suffix))
        {
            if (TryParse(path, suffix, out int number))
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        return numbers;
    }

    private static bool TryParse(string path, string suffix, out int number)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        number = 0;
        return name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal)
            && int.TryParse(name[Prefix.Length..^suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Flushes the names in a directory to disk.</summary>
    /// <exception cref="IOException">The flush failed.</exception>
    public static void FlushDirectory(string directory)
    {
        int descriptor = Libc.Open(directory, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException($"{directory}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        FlushToDisk(handle);
    }
}
