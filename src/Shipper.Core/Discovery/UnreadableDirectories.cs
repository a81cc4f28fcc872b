using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Discovery;

/// <summary>The directories of globs that can't be listed at present.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class UnreadableDirectories(ILogger logger, AgentMetrics metrics)
{
    public const string PermissionRemedy = "Run the agent as root, or with the capability DAC_READ_SEARCH";

    // The problem is null for a directory that may be missing.
    private readonly Dictionary<string, (UnreadableSource? Problem, bool IsRequired)> _directories = new(StringComparer.Ordinal);

    /// <summary>The problems: first those without which the agent is not ready. A directory that may be missing is no problem.</summary>
    public IEnumerable<UnreadableSource> Problems =>
        _directories.Values.OrderBy(directory => !directory.IsRequired).Select(directory => directory.Problem).OfType<UnreadableSource>();

    /// <summary>Reports an optional directory that does not exist.</summary>
    public void AddMissing(Glob glob, string directory)
    {
        if (_directories.TryAdd(directory, (null, false)))
        {
            DiscoveryEvents.DirectoryMissing(logger, glob.Pattern, directory);
        }
    }

    /// <summary>Reports a directory that can't be listed.</summary>
    /// <param name="error">The error number (errno).</param>
    /// <param name="isRequired">True if the agent is not ready without the directory.</param>
    public void Add(string directory, int error, bool isRequired)
    {
        string message = Marshal.GetPInvokeErrorMessage(error);
        string reason = error == Libc.ErrorAccess ? FileErrorReasons.Permission : FileErrorReasons.Unreadable;
        string remedy = error == Libc.ErrorAccess ? PermissionRemedy
            : error == Libc.ErrorNotFound ? "Mount it into the agent's pod, or change the globs"
            : "The agent retries at each scan";
        if (!_directories.ContainsKey(directory))
        {
            metrics.FileErrors.Add(reason, 1);
            DiscoveryEvents.DirectoryUnreadable(logger, directory, message, remedy);
        }

        _directories[directory] = (new UnreadableSource(directory, reason, message, remedy), isRequired);
    }

    /// <summary>Removes a directory that could be listed.</summary>
    public void Remove(string directory) => _directories.Remove(directory);

    /// <summary>Removes directories.</summary>
    public void RemoveWhere(Predicate<string> isGone)
    {
        foreach (string directory in _directories.Keys)
        {
            if (isGone(directory))
            {
                _directories.Remove(directory);
            }
        }
    }
}
