using System.Runtime.InteropServices;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Files;

/// <summary>Reports files that can't be read.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class OpenFailures(TailingServices services)
{
    /// <summary>Maximum number of reported compressed files to remember. Then the list is cleared, and files that still exist may be reported again.</summary>
    private const int MaxReported = 10_000;

    // Compressed files that were reported. A name alone does not identify them: names move with each rotation, and inodes are reused.
    private readonly HashSet<(string Directory, ulong Inode, long SinceNs)> _compressed = [];

    /// <summary>Reports a file in an unsupported compression format, once per file.</summary>
    public void ReportCompressed(RotatedLog rotatedLog, GenerationName name)
    {
        if (_compressed.Count >= MaxReported)
        {
            _compressed.Clear();
        }

        string path = rotatedLog.Directory + "/" + name.FileName;
        if (FileStatus.OfPath(path, out FileStatus status) == 0 && _compressed.Add((rotatedLog.Directory, status.Inode, status.CreatedNs != 0 ? status.CreatedNs : status.ModifiedNs)))
        {
            services.Metrics.FileErrors.Add(FileErrorReasons.Compressed, 1);
            DiscoveryEvents.FileCompressed(services.Logger, path);
        }
    }

    /// <summary>Reports a file that can't be opened, and the remedy.</summary>
    /// <param name="error">The error number; 0 if the file is not a regular file.</param>
    public void Report(TailedStream stream, string path, int error, FileKind kind)
    {
        (string reason, string message, string remedy) = error switch
        {
            0 => (FileErrorReasons.NotAFile, $"it is {kind.Describe()}, not a regular file", "Exclude or remove it."),
            Libc.ErrorAccess => (FileErrorReasons.Permission, "permission denied", "Run the agent as a user that may read it, or with the capability DAC_READ_SEARCH."),
            Libc.ErrorTooManyOpenFiles or Libc.ErrorTooManyOpenFilesInSystem =>
                (FileErrorReasons.TooManyOpenFiles, "too many open files", "Raise the limit on open files (ulimit -n); the agent retries at the next scan."),
            _ => (FileErrorReasons.Unreadable, Marshal.GetPInvokeErrorMessage(error), "The agent retries at the next scan."),
        };
        services.Metrics.FileErrors.Add(reason, 1);
        stream.Problem = new UnreadableSource(path, reason, message, remedy);
        FileEvents.FileUnreadable(services.Logger, path, message, remedy);
    }
}
