using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Shipper.Native;

/// <summary>
/// System calls for which .NET has no suitable equivalent. Layouts and constants are those of Linux on x86-64 and arm64, which agree in everything used here.
/// All calls need glibc 2.30 or newer.
/// </summary>
internal static unsafe partial class Libc
{
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;

    /// <summary>O_NOATIME, open(2): allowed only to the owner of the file and to root.</summary>
    public const int OpenNoAccessTime = 0x4_0000;
    public const int OpenCreate = 0x40;
    public const int OpenNonBlocking = 0x800;
    public const int OpenNoControllingTerminal = 0x100;
    public const int OpenCloseOnExec = 0x80000;

    public const int AtCurrentDirectory = -100;
    public const int AtEmptyPath = 0x1000;
    public const int AtSymlinkNoFollow = 0x100;

    /// <summary>STATX_BTIME: the creation time.</summary>
    public const uint StatxBirth = 0x800;

    /// <summary>STATX_BASIC_STATS, which is everything that stat(2) returns, and <see cref="StatxBirth"/>.</summary>
    public const uint StatxWithBirth = 0x7ff | StatxBirth;

    public const int InotifyNonBlocking = 0x800;
    public const int InotifyCloseOnExec = 0x80000;

    public const int EventNonBlocking = 0x800;
    public const int EventCloseOnExec = 0x80000;

    public const short PollIn = 1;

    /// <summary>MADV_DONTNEED.</summary>
    public const int AdviceNotNeeded = 4;

    public const int ResourceOpenFiles = 7;

    public const int PathMax = 4096;

    /// <summary>SEEK_DATA, lseek(2).</summary>
    public const int SeekData = 3;

    /// <summary>TIOCGWINSZ, ioctl_tty(2).</summary>
    public const nuint WindowSizeRequest = 0x5413;

    /// <summary>More than sizeof(struct termios), which is 60.</summary>
    public const int TerminalSettingsBytes = 128;

    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;

    public const int ErrorNotPermitted = 1;
    public const int ErrorNotFound = 2;
    public const int ErrorInterrupted = 4;
    public const int ErrorTryAgain = 11;
    public const int ErrorAccess = 13;
    public const int ErrorNotDirectory = 20;
    public const int ErrorInvalid = 22;
    public const int ErrorTooManyOpenFilesInSystem = 23;
    public const int ErrorTooManyOpenFiles = 24;
    public const int ErrorNoSpace = 28;
    public const int ErrorNoDevice = 6;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(int directory, byte* path, int flags, uint mask, out StatxBuffer buffer);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    [LibraryImport(Library, EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StatFileSystem(string path, out FileSystemStatus status);

    [LibraryImport(Library, EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint ReadDirectoryEntries(int descriptor, byte* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint value, int flags);

    [LibraryImport(Library, EntryPoint = "madvise", SetLastError = true)]
    public static partial int AdviseMemory(nint address, nuint length, int advice);

    [LibraryImport(Library, EntryPoint = "inotify_init1", SetLastError = true)]
    public static partial int InotifyCreate(int flags);

    [LibraryImport(Library, EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int InotifyAddWatch(int descriptor, string path, uint mask);

    [LibraryImport(Library, EntryPoint = "inotify_rm_watch", SetLastError = true)]
    public static partial int InotifyRemoveWatch(int descriptor, int watch);

    /// <summary>realpath(3): <paramref name="resolved"/> has room for <see cref="PathMax"/> bytes.</summary>
    [LibraryImport(Library, EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte* RealPath(string path, byte* resolved);

    /// <summary>ioctl(2) with TIOCGWINSZ: rows, columns, and two sizes in pixels.</summary>
    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int GetWindowSize(int descriptor, nuint request, ushort* size);

    /// <summary>tcgetattr(3): <paramref name="settings"/> has room for <see cref="TerminalSettingsBytes"/> bytes.</summary>
    [LibraryImport(Library, EntryPoint = "tcgetattr", SetLastError = true)]
    public static partial int GetTerminalSettings(int descriptor, byte* settings);

    [LibraryImport(Library, EntryPoint = "tcsetattr", SetLastError = true)]
    public static partial int SetTerminalSettings(int descriptor, int when, byte* settings);

    /// <summary>cfmakeraw(3): no echo, no line editing, no signals from keys.</summary>
    [LibraryImport(Library, EntryPoint = "cfmakeraw")]
    public static partial void MakeRaw(byte* settings);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Synchronize(int descriptor);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int descriptor, int operation);

    [LibraryImport(Library, EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetResourceLimit(int resource, out ResourceLimit limit);

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    public static partial int SetResourceLimit(int resource, in ResourceLimit limit);

    /// <summary>struct statx, statx(2). Unlike struct stat, it has one layout on all architectures.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct StatxBuffer
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint Links;
        public uint User;
        public uint Group;
        public ushort Mode;
        public ushort Spare;
        public ulong Inode;
        public ulong Size;
        public ulong Blocks;
        public ulong AttributesMask;
        public StatxTime Access;
        public StatxTime Birth;
        public StatxTime Change;
        public StatxTime Modification;
        public uint RawDeviceMajor;
        public uint RawDeviceMinor;
        public uint DeviceMajor;
        public uint DeviceMinor;
    }

    /// <summary>struct statx_timestamp, statx(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StatxTime
    {
        public long Seconds;
        public uint Nanoseconds;
        public int Spare;
    }

    /// <summary>The beginning of struct statfs, statfs(2), which has 120 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 120)]
    public struct FileSystemStatus
    {
        public long Type;
    }

    /// <summary>struct pollfd, poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short ReturnedEvents;
    }

    /// <summary>struct rlimit, getrlimit(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
