using System.Diagnostics;
using System.Globalization;

namespace Shipper.Tests.Faults;

/// <summary>Finds the process that listens on a port of this machine, in <c>/proc</c>.</summary>
internal static class ListeningProcess
{
    // Fields of /proc/net/tcp: the local address, the state and the inode; and the state of a listening socket.
    private const int LocalAddress = 1;
    private const int State = 3;
    private const int Inode = 9;
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Returns the process ID; null if no process listens there, or if this user may not inspect it.</summary>
    public static int? Find(int port)
    {
        string suffix = port.ToString("X4", CultureInfo.InvariantCulture);
        HashSet<string> sockets =
        [
            .. Tables.Where(File.Exists).SelectMany(File.ReadLines)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields.Length > Inode && fields[State] == Listening && fields[LocalAddress].EndsWith($":{suffix}", StringComparison.Ordinal))
                .Select(fields => $"socket:[{fields[Inode]}]"),
        ];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int process) && Holds(directory, sockets))
            {
                return process;
            }
        }

        return null;
    }

    /// <summary>Sends a signal, given by name.</summary>
    public static void Signal(int process, string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -s {signal} {process}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private static bool Holds(string directory, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(directory, "fd")).Any(link => File.ResolveLinkTarget(link, returnFinalTarget: false) is { } target && sockets.Contains(Path.GetFileName(target.FullName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or belongs to another user.
            return false;
        }
    }
}
