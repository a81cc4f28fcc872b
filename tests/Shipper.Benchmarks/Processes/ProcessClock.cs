using System.ComponentModel;
using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Shipper.Benchmarks.Processes;

/// <summary>
/// Reads the CPU time of another process to the nanosecond, including threads that have ended. <c>/proc/PID/stat</c> counts only hundredths
/// of a second, and <c>/proc/PID/task/*/schedstat</c> omits threads that have ended.
/// </summary>
internal static partial class ProcessClock
{
    private const string Library = "libc";

    /// <summary>Returns the CPU time in seconds, user and system; 0 if the process has ended.</summary>
    public static double ReadSeconds(int process)
    {
        if (GetClock(process, out int clock) != 0)
        {
            return 0;
        }

        return GetTime(clock, out Time time) == 0 ? time.Seconds + (time.Nanoseconds / 1e9) : throw new Win32Exception();
    }

    [LibraryImport(Library, EntryPoint = "clock_getcpuclockid")]
    private static partial int GetClock(int process, out int clock);

    [LibraryImport(Library, EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out Time time);

    /// <summary>struct timespec, time.h(0).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
