namespace Shipper.Logging;

/// <summary>
/// Keeps the agent's own log short when the same goes wrong again and again: a message is written once in ten seconds, and
/// of one kind at most ten different ones. What was left out is counted and said with the next one.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class RepeatLimiter(TimeProvider time)
{
    /// <summary>How long a message stands for its repetitions.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private const int MaxMessagesPerKind = 10;

    private readonly Dictionary<int, Kind> _kinds = [];

    /// <summary>Decides about a message.</summary>
    /// <param name="kind">Its event id.</param>
    /// <param name="message">Its text.</param>
    /// <param name="suppressed">Messages of the kind left out since the last one that was written.</param>
    /// <returns>True where it is to be written.</returns>
    public bool TryPass(int kind, string message, out int suppressed)
    {
        long now = time.GetTimestamp();
        if (!_kinds.TryGetValue(kind, out Kind? known))
        {
            known = new Kind();
            _kinds.Add(kind, known);
        }

        foreach ((string old, long since) in known.Messages)
        {
            if (time.GetElapsedTime(since, now) >= Window)
            {
                known.Messages.Remove(old);
            }
        }

        suppressed = 0;
        if (known.Messages.Count >= MaxMessagesPerKind || !known.Messages.TryAdd(message, now))
        {
            known.Suppressed++;
            return false;
        }

        suppressed = known.Suppressed;
        known.Suppressed = 0;
        return true;
    }

    private sealed class Kind
    {
        public Dictionary<string, long> Messages { get; } = new(StringComparer.Ordinal);

        public int Suppressed { get; set; }
    }
}
