using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Native;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Tailing.Copies;

/// <summary>
/// Saved copies of deleted files that only the agent's open handles kept alive at shutdown: <c>held/GENERATION-OFFSET.log</c> or <c>.gz</c> in the state
/// directory. A copy is either complete or absent, and is deleted when all of it is acknowledged. If the previous agent ran in this process, its open files
/// are here as well.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class HeldCopies
{
    private const string LogSuffix = ".log";
    private const string GzipSuffix = ".gz";

    private static readonly TimeSpan MaxRotation = TimeSpan.FromSeconds(10);

    private readonly string _directory;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly ConcurrentDictionary<int, HeldCopy> _copies = [];
    private readonly Dictionary<int, InheritedFile> _open;

    private HeldCopies(string directory, Dictionary<int, InheritedFile>? open, ILogger logger, AgentMetrics metrics)
    {
        _directory = directory;
        _open = open ?? [];
        _logger = logger;
        _metrics = metrics;
    }

    /// <summary>Finds the copies in the state directory. Deletes the remains of an interrupted shutdown, and copies of unknown generations.</summary>
    /// <param name="open">The open files of the previous agent, by generation; null if no agent ran in this process before.</param>
    /// <param name="logger">Logger of this stage.</param>
    public static HeldCopies Open(string stateDirectory, CheckpointStore checkpoints, Dictionary<int, InheritedFile>? open, ILogger logger, AgentMetrics metrics)
    {
        string directory = Path.Combine(stateDirectory, "held");
        HashSet<int> generations = [.. checkpoints.GetStreams().SelectMany(stream => stream.Generations).Select(generation => generation.Id)];
        var copies = new HeldCopies(directory, open, logger, metrics);
        try
        {
            foreach (string path in Directory.Exists(directory) ? Directory.EnumerateFiles(directory) : [])
            {
                if (copies.TryParse(path) is not { } copy)
                {
                    copies.TryDelete(path);
                }
                else if (!generations.Contains(copy.Id))
                {
                    CheckpointEvents.CopyUnknown(logger, path);
                    copies.TryDelete(path);
                }
                else if (!copies._copies.TryAdd(copy.Id, copy))
                {
                    copies.TryDelete(path);
                }
            }
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            copies.ReportFailure("read", e);
        }

        return copies;
    }

    /// <summary>Returns the copy of a generation; null if there is none.</summary>
    public HeldCopy? Find(int generation) => _copies.GetValueOrDefault(generation);

    /// <summary>True if there is a copy of a generation, or its open file.</summary>
    public bool Contains(int generation)
    {
        lock (_open)
        {
            return _copies.ContainsKey(generation) || _open.GetValueOrDefault(generation)?.Handle is not null;
        }
    }

    /// <summary>
    /// Sorts the generations of a log in the order of their lines. The checkpoint has them in the order in which they were first stored. If the previous
    /// agent ran in this process, its order is more accurate; otherwise the times of the copies determine the order.
    /// </summary>
    public void Sort(List<GenerationCheckpoint> generations)
    {
        lock (_open)
        {
            if (generations.Exists(generation => _open.ContainsKey(generation.Id)))
            {
                Sort(generations, _open.ContainsKey, id => _open[id].Place);
                return;
            }
        }

        Sort(generations, _copies.ContainsKey, id => FileStatus.OfPath(_copies[id].Path, out FileStatus status) == 0 ? status.ModifiedNs : 0);
    }

    /// <summary>Sorts the generations for which the order is known. The others keep their index and are placed by name later.</summary>
    private static void Sort(List<GenerationCheckpoint> generations, Predicate<int> isKnown, Func<int, long> order)
    {
        int[] slots = [.. Enumerable.Range(0, generations.Count).Where(i => isKnown(generations[i].Id))];
        GenerationCheckpoint[] sorted = [.. slots.Select(slot => generations[slot]).OrderBy(generation => order(generation.Id))];
        for (int i = 0; i < slots.Length; i++)
        {
            generations[slots[i]] = sorted[i];
        }
    }

    /// <summary>Removes and returns the previous agent's state of a generation; null if there is none.</summary>
    public InheritedFile? ClaimInherited(int generation)
    {
        lock (_open)
        {
            return _open.Remove(generation, out InheritedFile? file) ? file : null;
        }
    }

    /// <summary>
    /// Closes files of the previous agent that nobody has claimed, because they are no longer read. Waits first: if a log was being rotated when this agent
    /// started, it is found only when its link leads to a file again.
    /// </summary>
    public async Task CloseUnclaimedAsync(TimeProvider time, CancellationToken stopping)
    {
        // A rotation may take this long to restore the link.
        await Task.Delay(MaxRotation, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stopping.IsCancellationRequested)
        {
            // A successor may need the files, so leave them open: they are handed over, or closed when the process ends.
            return;
        }

        lock (_open)
        {
            foreach (InheritedFile file in _open.Values)
            {
                file.Handle?.Dispose();
            }

            _open.Clear();
        }
    }

    /// <summary>Hands the files that nobody has claimed yet over to the agent's successor.</summary>
    public void HandOver(Dictionary<int, InheritedFile> files)
    {
        lock (_open)
        {
            foreach ((int generation, InheritedFile file) in _open)
            {
                if (!files.TryAdd(generation, file))
                {
                    // This agent loaded a checkpoint without that generation, and assigned the number to another one.
                    file.Handle?.Dispose();
                }
            }
        }
    }

    /// <summary>Begins to copy a file.</summary>
    /// <param name="generation">Number of its generation, which must be in the checkpoint.</param>
    /// <param name="isGzip">True if the file is compressed; then all of it is copied.</param>
    /// <param name="start">Offset at which the file's content begins.</param>
    /// <param name="acknowledged">The acknowledged position. Only the first bytes of the file are copied from before it.</param>
    /// <param name="modifiedNs">Time to set as the copy's modification time, in nanoseconds since 1970.</param>
    /// <exception cref="IOException">The copy can't be written.</exception>
    public HeldCopyWriter Begin(int generation, SafeFileHandle source, bool isGzip, long start, long acknowledged, long modifiedNs)
    {
        // The copies contain logs, so only the agent's user may read the directory.
        Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        long from = isGzip ? 0 : HeldCopyWriter.StartFor(acknowledged);
        string name = string.Create(CultureInfo.InvariantCulture, $"{generation}-{from}");
        string path = Path.Combine(_directory, name + (isGzip ? GzipSuffix : LogSuffix));
        return new HeldCopyWriter(this, new HeldCopy(this, generation, isGzip, from, path), source, start, modifiedNs);
    }

    /// <summary>Adds a copy once it is complete and has its final name.</summary>
    internal void Add(HeldCopy copy)
    {
        CheckpointFiles.FlushDirectory(_directory);
        _copies[copy.Id] = copy;
    }

    internal void SetTime(HeldCopy copy, long modifiedNs)
    {
        try
        {
            File.SetLastWriteTimeUtc(copy.Path, UnixTime.ToDateTime(modifiedNs));
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            ReportFailure("write", e);
        }
    }

    internal void Delete(HeldCopy copy)
    {
        _copies.TryRemove(copy.Id, out _);
        TryDelete(copy.Path);
    }

    internal void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            ReportFailure("delete", e);
        }
    }

    private HeldCopy? TryParse(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        bool isGzip = name.EndsWith(GzipSuffix, StringComparison.Ordinal);
        if (!isGzip && !name.EndsWith(LogSuffix, StringComparison.Ordinal))
        {
            return null;
        }

        name = name[..^(isGzip ? GzipSuffix : LogSuffix).Length];
        int dash = name.IndexOf('-');
        return dash > 0
            && int.TryParse(name[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out int generation)
            && long.TryParse(name[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long from)
            ? new HeldCopy(this, generation, isGzip, from, path)
            : null;
    }

    private void ReportFailure(string operation, Exception exception)
    {
        _metrics.CheckpointErrors.Add(operation, 1);
        CheckpointEvents.CopyFailed(_logger, operation, _directory, exception.MessageWithoutPeriod());
    }
}
