using System.Globalization;

namespace Shipper.Native;

/// <summary>Returns pages to the kernel that hold nothing useful.</summary>
internal static unsafe class ResidentMemory
{
    private const string Mappings = "/proc/self/smaps";

    /// <summary>Discards the content of a buffer. Its pages then read as zeros, and use memory again only when they are written to.</summary>
    public static void DiscardPages(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint page = Environment.SystemPageSize;
            nint first = ((nint)start + page - 1) / page * page;
            nint end = ((nint)start + buffer.Length) / page * page;
            if (end > first)
            {
                _ = Libc.AdviseMemory(first, (nuint)(end - first), Libc.AdviceNotNeeded);
            }
        }
    }

    /// <summary>
    /// Unmaps the pages of the program's own file. Pages that are used come back from the page cache, 64 KB at a time. Pages that only the start needed
    /// don't, such as unpacked tables and the code that reads the configuration.
    /// </summary>
    public static void ReleaseProgramPages()
    {
        try
        {
            (nint Start, nint End)? mapping = null;
            foreach (string line in File.ReadLines(Mappings))
            {
                // 55d0c3a00000-55d0c41eb000 r-xp 00019000 fd:00 12345    /usr/bin/shipper, followed by lines such as Anonymous:    0 kB; proc_pid_smaps(5)
                if (!char.IsAsciiLetterUpper(line[0]))
                {
                    mapping = Parse(line);
                }
                else if (mapping is { } program && line.StartsWith("Anonymous:", StringComparison.Ordinal) && line.EndsWith(" 0 kB", StringComparison.Ordinal))
                {
                    // Nothing in the mapping differs from the file. Addresses filled in by the loader would differ, and would be lost.
                    _ = Libc.AdviseMemory(program.Start, (nuint)(program.End - program.Start), Libc.AdviceNotNeeded);
                }
            }
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // The process then uses more memory.
        }
    }

    /// <summary>Returns the range of a mapping of the program's file that can't be written to; null for any other mapping.</summary>
    private static (nint, nint)? Parse(string line)
    {
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return Environment.ProcessPath is { } path && line.EndsWith(" " + path, StringComparison.Ordinal)
            && line.AsSpan(space + 1) is ['r', '-', ..]
            && nint.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out nint start)
            && nint.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out nint end)
                ? (start, end)
                : null;
    }
}
