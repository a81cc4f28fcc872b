using Shipper.Status;

namespace Shipper.Logging;

/// <summary>Keeps the last warnings and errors of the agent's own log, for the status page.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RecentWarnings
{
    /// <summary>Number of messages that are kept.</summary>
    public const int MaxEntries = 50;

    private readonly Lock _lock = new();
    private readonly Queue<OwnLogEntry> _entries = new();

    /// <summary>The messages, oldest first.</summary>
    public IReadOnlyList<OwnLogEntry> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Adds a message; the oldest one gives way.</summary>
    public void Add(OwnLogEntry entry)
    {
        lock (_lock)
        {
            if (_entries.Count == MaxEntries)
            {
                _entries.Dequeue();
            }

            _entries.Enqueue(entry);
        }
    }
}
