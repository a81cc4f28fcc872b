using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Native;

/// <summary>
/// Watches many directories with one inotify instance, and reports those in which a name appeared, moved or disappeared. These reports are hints and do not
/// replace scans: events can be lost, and everything works without them if no instance is available (<c>fs.inotify.max_user_instances</c> is 128 for all
/// processes of a user). A <see cref="FileSystemWatcher"/> would take one instance for each directory, and would see nothing through the links of
/// /var/log/containers.
/// </summary>
/// <remarks>Not thread-safe, except <see cref="Interrupt"/>.</remarks>
internal sealed unsafe class DirectoryWatch : IDisposable
{
    // IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVE_SELF | IN_ONLYDIR: changes of names, and no writes.
    private const uint NameEvents = 0x40 | 0x80 | 0x100 | 0x200 | DirectoryMoved | 0x0100_0000;
    private const uint DirectoryMoved = 0x800;
    private const uint QueueOverflow = 0x4000;
    private const uint WatchRemoved = 0x8000;

    // linux/magic.h: ext4, XFS, Btrfs, F2FS, ZFS, tmpfs. All changes of these file systems go through this kernel.
    private static readonly long[] LocalFileSystems = [0xEF53, 0x58465342, 0x9123683E, 0xF2F52010, 0x2FC12FC1, 0x01021994];

    private const int HeaderBytes = 16;
    private const int BufferBytes = 16 * 1024;

    private readonly SafeFileHandle? _instance;
    private readonly SafeFileHandle _interruption;
    private readonly Dictionary<int, string> _directories = [];
    private readonly Dictionary<string, int> _watches = [];

    // The watched directories that may change without an event.
    private readonly HashSet<string> _unreliable = new(StringComparer.Ordinal);

    public DirectoryWatch()
    {
        int descriptor = Libc.InotifyCreate(Libc.InotifyNonBlocking | Libc.InotifyCloseOnExec);
        if (descriptor >= 0)
        {
            _instance = new SafeFileHandle(descriptor, ownsHandle: true);
        }
        else
        {
            Error = Marshal.GetLastPInvokeError();
        }

        descriptor = Libc.EventDescriptor(0, Libc.EventNonBlocking | Libc.EventCloseOnExec);
        _interruption = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The error number that explains why there are no events; 0 if there are events.</summary>
    public int Error { get; }

    /// <summary>True once a directory could not be watched because the user has no watches left (<c>fs.inotify.max_user_watches</c>).</summary>
    public bool HasReachedWatchLimit { get; private set; }

    /// <summary>Starts watching a directory. If it can't be watched, only scans find its changes.</summary>
    public void Add(string directory)
    {
        if (_watches.ContainsKey(directory))
        {
            return;
        }

        _unreliable.Add(directory);
        if (_instance is null)
        {
            return;
        }

        int watch = Libc.InotifyAddWatch((int)_instance.DangerousGetHandle(), directory, NameEvents);
        if (watch >= 0)
        {
            _watches[directory] = watch;
            _directories[watch] = directory;
            if (IsLocal(directory))
            {
                _unreliable.Remove(directory);
            }
        }
        else
        {
            HasReachedWatchLimit |= Marshal.GetLastPInvokeError() == Libc.ErrorNoSpace;
        }
    }

    /// <summary>True if <see cref="IsReliableFor"/> returns true for all added directories.</summary>
    public bool IsReliable => _unreliable.Count == 0;

    /// <summary>
    /// Returns true if every change of the names in a directory is reported, or at least the loss of events. False if the directory could not be watched, or
    /// if other machines can change it without this kernel, for example over a network.
    /// </summary>
    /// <param name="directory">A directory that was added.</param>
    public bool IsReliableFor(string directory) => IsReliable || !_unreliable.Contains(directory);

    /// <summary>Waits until there are changes, or until <see cref="Interrupt"/> is called.</summary>
    /// <param name="atMost">Maximum wait, by the kernel's clock.</param>
    /// <returns>True if there are changes.</returns>
    public bool Wait(TimeSpan atMost)
    {
        Libc.PollDescriptor* descriptors = stackalloc Libc.PollDescriptor[2];
        descriptors[0] = new Libc.PollDescriptor { Descriptor = _instance is null ? -1 : (int)_instance.DangerousGetHandle(), Events = Libc.PollIn };
        descriptors[1] = new Libc.PollDescriptor { Descriptor = (int)_interruption.DangerousGetHandle(), Events = Libc.PollIn };
        return Libc.Poll(descriptors, 2, Math.Max(0, (int)Math.Ceiling(atMost.TotalMilliseconds))) > 0 && descriptors[0].ReturnedEvents != 0;
    }

    /// <summary>Ends all waits, including future ones. Thread-safe.</summary>
    public void Interrupt()
    {
        long one = 1;
        _ = Libc.Write((int)_interruption.DangerousGetHandle(), (byte*)&one, sizeof(long));
    }

    /// <summary>Watches the directories to which the paths lead now.</summary>
    public void RewatchAll()
    {
        foreach (string directory in _watches.Keys.ToList())
        {
            Remove(directory);
            Add(directory);
        }
    }

    /// <summary>Stops watching a directory.</summary>
    public void Remove(string directory)
    {
        _unreliable.Remove(directory);
        if (_instance is not null && _watches.Remove(directory, out int watch))
        {
            _directories.Remove(watch);
            _ = Libc.InotifyRemoveWatch((int)_instance.DangerousGetHandle(), watch);
        }
    }

    /// <summary>Adds to <paramref name="changed"/> the directories in which names have changed since the last call.</summary>
    /// <returns>False if events were lost, so that every directory must be listed.</returns>
    public bool DrainChanges(HashSet<string> changed)
    {
        if (_instance is null)
        {
            return true;
        }

        bool complete = true;
        byte* buffer = stackalloc byte[BufferBytes];
        nint length;
        while ((length = Libc.Read((int)_instance.DangerousGetHandle(), buffer, BufferBytes)) > 0)
        {
            // struct inotify_event { int wd; u32 mask; u32 cookie; u32 len; char name[len]; }, inotify(7)
            var events = new ReadOnlySpan<byte>(buffer, (int)length);
            while (events.Length >= HeaderBytes)
            {
                int watch = BinaryPrimitives.ReadInt32LittleEndian(events);
                uint mask = BinaryPrimitives.ReadUInt32LittleEndian(events[4..]);
                int nameLength = BinaryPrimitives.ReadInt32LittleEndian(events[12..]);
                events = events[(HeaderBytes + nameLength)..];
                complete &= (mask & QueueOverflow) == 0;
                if (_directories.TryGetValue(watch, out string? directory))
                {
                    changed.Add(directory);
                    if ((mask & DirectoryMoved) != 0)
                    {
                        // The path may now lead to another directory, which is not watched.
                        Remove(directory);
                        _unreliable.Add(directory);
                    }
                    else if ((mask & WatchRemoved) != 0)
                    {
                        _directories.Remove(watch);
                        _watches.Remove(directory);
                        _unreliable.Add(directory);
                    }
                }
            }
        }

        return complete;
    }

    public void Dispose()
    {
        _instance?.Dispose();
        _interruption.Dispose();
    }

    private static bool IsLocal(string directory) =>
        Libc.StatFileSystem(directory, out Libc.FileSystemStatus status) == 0 && LocalFileSystems.Contains(status.Type);
}
