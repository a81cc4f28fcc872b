using System.Diagnostics;
using System.Globalization;

namespace Shipper.Tests.Faults;

/// <summary>The process that listens on a port of this machine, found in <c>/proc</c>.</summary>
internal static class ListeningProcess
{
    // Of /proc/net/tcp: the local address, the state and the inode; the state of a socket that listens.
    private const int LocalAddress = 1;
    private const int State = 3;
    private const int Inode = 9;
    private const string Listening = "0A";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Its number; null if there is none, or none that can be looked into.</summary>
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

    /// <summary>Sends a signal by its name.</summary>
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
            // It has ended, or belongs to somebody else.
            return false;
        }
    }
}
