using System.Runtime.InteropServices;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Reports files that can't be read.</summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class OpenFailures(TailingServices services)
{
    /// <summary>After this many reports of compressed files all are forgotten, and a file that still exists may be reported again.</summary>
    private const int MaxReported = 10_000;

    // Compressed files that were reported. Names move with each rotation, and inodes are used again.
    private readonly HashSet<(string Directory, ulong Inode, long SinceNs)> _compressed = [];

    /// <summary>Says once that a file can't be read because of how it is compressed.</summary>
    public void ReportCompressed(LogSeries series, GenerationName name)
    {
        if (_compressed.Count >= MaxReported)
        {
            _compressed.Clear();
        }

        string path = series.Directory + "/" + name.FileName;
        if (FileStatus.OfPath(path, out FileStatus status) == 0 && _compressed.Add((series.Directory, status.Inode, status.BornNs != 0 ? status.BornNs : status.ModifiedNs)))
        {
            services.Metrics.FileErrors.Add("compressed", 1);
            DiscoveryEvents.FileCompressed(services.Logger, path);
        }
    }

    /// <summary>Says that a file can't be opened, and what to do about it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="error">The error number; 0 if it is no regular file.</param>
    /// <param name="kind">What it is.</param>
    public void Report(string path, int error, FileKind kind)
    {
        (string reason, string message, string remedy) = error switch
        {
            0 => ("not_a_file", $"it is a {kind}, not a regular file", "Exclude it, or remove it."),
            Libc.ErrorAccess => ("permission", "permission denied", "Run the agent as a user that may read it, or with the capability DAC_READ_SEARCH."),
            Libc.ErrorTooManyOpenFiles or Libc.ErrorTooManyOpenFilesInSystem =>
                ("too_many_open_files", "too many open files", "Raise the limit of open files (ulimit -n); it is tried again at the next scan."),
            _ => ("unreadable", Marshal.GetPInvokeErrorMessage(error), "It is tried again at the next scan."),
        };
        services.Metrics.FileErrors.Add(reason, 1);
        FileEvents.FileUnreadable(services.Logger, path, message, remedy);
    }
}
