using Microsoft.Extensions.Logging;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// Reads the files of a state directory: the newest intact snapshot, and all logs from its number on. Anything unreadable is logged and counted, and is never
/// an error.
/// </summary>
internal sealed class CheckpointLoader(string directory, ILogger logger, AgentMetrics metrics)
{
    private long _writtenNs;

    /// <summary>The highest number of any file; 0 if there are no files.</summary>
    public int Number { get; private set; }

    /// <summary>The number of the snapshot that was read; 0 if none could be read.</summary>
    public int SnapshotNumber { get; private set; }

    /// <summary>True if a file or a part of a file could not be read.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Reads the files into a state, which must be empty.</summary>
    public void Load(CheckpointState state)
    {
        IReadOnlyList<int> snapshots = CheckpointFiles.FindSnapshots(directory);
        IReadOnlyList<int> logs = CheckpointFiles.FindLogs(directory);
        Number = snapshots.Concat(logs).DefaultIfEmpty().Max();

        SnapshotNumber = snapshots.Reverse().FirstOrDefault(
            number => TryLoad(CheckpointFiles.SnapshotPath(directory, number), state, isSnapshot: true));
        if (SnapshotNumber > 0 && !logs.Contains(SnapshotNumber))
        {
            // A log is created before its snapshot, so this log must have existed.
            CheckpointEvents.LogMissing(logger, CheckpointFiles.LogPath(directory, SnapshotNumber));
            CountDamage();
        }

        foreach (int number in logs.Where(number => number >= SnapshotNumber))
        {
            TryLoad(CheckpointFiles.LogPath(directory, number), state, isSnapshot: false);
        }

        foreach (StreamCheckpoint stream in state.Streams.ToList())
        {
            state.RemoveIfEmpty(stream);
            stream.IsStored = !stream.IsEmpty;
            foreach (GenerationCheckpoint generation in stream.Generations)
            {
                generation.IsStored = true;
                generation.CheckpointWrittenNs = _writtenNs;
            }
        }
    }

    private bool TryLoad(string path, CheckpointState state, bool isSnapshot)
    {
        try
        {
            byte[] file = File.ReadAllBytes(path);
            if (isSnapshot && (CheckpointReader.Read(file, new CheckpointState(), out bool isEnded) != file.Length || !isEnded))
            {
                CheckpointEvents.SnapshotDamaged(logger, path);
                CountDamage();
                return false;
            }

            int good = CheckpointReader.Read(file, state, out _);
            _writtenNs = FileStatus.OfPath(path, out FileStatus status) == 0 ? Math.Max(_writtenNs, status.ModifiedNs) : _writtenNs;
            if (good != file.Length || file.Length < CheckpointFormat.Magic.Length)
            {
                CheckpointEvents.LogDamaged(logger, path, good, file.Length - good);
                CountDamage();
            }

            return true;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            CountDamage();
            CheckpointEvents.Unreadable(logger, path, e.Message);
            return false;
        }
    }

    private void CountDamage()
    {
        IsDamaged = true;
        metrics.CheckpointErrors.Add("read", 1);
    }
}
