using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Discovery;

/// <summary>Finds out why a symbolic link is broken: its target is in a directory that is not mounted into the agent's pod, or the log is gone.</summary>
internal static class BrokenLink
{
    // The number of symbolic links that Linux follows in one path.
    public const int MaxLinks = 40;

    /// <summary>Follows symbolic links one by one, and returns the first path that is not a link. On a node with docker, this takes two steps.</summary>
    public static string FindTarget(string path)
    {
        for (int i = 0; i < MaxLinks && new FileInfo(path).LinkTarget is { } target; i++)
        {
            path = Path.GetFullPath(target, Path.GetDirectoryName(path) ?? "/");
        }

        return path;
    }

    /// <summary>Reports a broken link.</summary>
    /// <param name="path">The link.</param>
    /// <param name="error">The error number (errno).</param>
    /// <param name="known">Directories in which logs were found.</param>
    /// <param name="logger">Receives the message.</param>
    /// <param name="metrics">Receives the count.</param>
    /// <returns>The problem.</returns>
    public static UnreadableSource Report(string path, int error, IEnumerable<string> known, ILogger logger, AgentMetrics metrics)
    {
        string target = FindTarget(path);
        string? missing = FindMissingDirectory(target, known);
        if (error == Libc.ErrorNotFound && missing is not null)
        {
            metrics.FileErrors.Add(FileErrorReasons.NotMounted, 1);
            DiscoveryEvents.TargetNotMounted(logger, path, target, missing);
            return new UnreadableSource(
                path, FileErrorReasons.NotMounted, $"it points to {target}, but {missing} does not exist here", "Mount it into the agent's pod at the same path, or exclude these logs");
        }

        string reason = error == Libc.ErrorAccess ? FileErrorReasons.Permission : FileErrorReasons.BrokenLink;
        string message = Marshal.GetPInvokeErrorMessage(error);
        metrics.FileErrors.Add(reason, 1);
        DiscoveryEvents.LinkBroken(logger, path, target, message);
        return new UnreadableSource(
            path, reason, $"it points to {target}, which can't be accessed: {message}",
            error == Libc.ErrorAccess ? UnreadableDirectories.PermissionRemedy : "Remove the link if its log is gone");
    }

    /// <summary>Finds the topmost directory of a path that does not exist.</summary>
    /// <param name="known">Directories in which logs were found.</param>
    /// <returns>Null if logs were found next to the missing directory: then the parent is mounted, and only this log is gone.</returns>
    public static string? FindMissingDirectory(string path, IEnumerable<string> known)
    {
        string? missing = null;
        string? directory = Path.GetDirectoryName(path);
        for (; directory is not null && !Directory.Exists(directory); directory = Path.GetDirectoryName(directory))
        {
            missing = directory;
        }

        string beside = directory is null or "/" ? "/" : directory + "/";
        return beside != "/" && known.Any(other => other.StartsWith(beside, StringComparison.Ordinal)) ? null : missing;
    }
}
