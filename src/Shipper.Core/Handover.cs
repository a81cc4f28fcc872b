using Shipper.Checkpoints;

namespace Shipper;

/// <summary>
/// What an agent leaves to the one that takes its place in the same process with another configuration: the lock of the state
/// directory, so that nobody comes between, and its open files, so that what is deleted meanwhile is not lost. Everything else stands
/// in the checkpoints.
/// </summary>
internal sealed class Handover : IDisposable
{
    private StateLock? _stateLock;

    public Handover(StateLock stateLock, Dictionary<int, OpenFile> files)
    {
        _stateLock = stateLock;
        Files = files;
    }

    /// <summary>What was known of the files, by the number of their generation in the checkpoint.</summary>
    public Dictionary<int, OpenFile> Files { get; }

    /// <summary>Gives the lock to who takes over.</summary>
    public StateLock TakeLock()
    {
        StateLock taken = _stateLock ?? throw new InvalidOperationException("BUG: the lock was taken before.");
        _stateLock = null;
        return taken;
    }

    /// <summary>Closes what nobody took.</summary>
    public void Dispose()
    {
        foreach (OpenFile file in Files.Values)
        {
            file.Handle?.Dispose();
        }

        Files.Clear();
        _stateLock?.Dispose();
    }
}
