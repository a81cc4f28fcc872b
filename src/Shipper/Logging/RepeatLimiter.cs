namespace Shipper.Logging;

/// <summary>
/// Keeps the agent's own log short when an error repeats. In ten seconds, the same message passes once, and at most ten different messages of one kind pass.
/// The suppressed messages are counted, and the next message of the kind reports their number.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RepeatLimiter(TimeProvider time)
{
    /// <summary>How long a message suppresses its repetitions.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private const int MaxMessagesPerKind = 10;

    private readonly Dictionary<int, Kind> _kinds = [];

    /// <summary>Decides whether a message is written.</summary>
    /// <param name="kind">Identifies the kind of message.</param>
    /// <param name="message">The text of the message.</param>
    /// <param name="suppressed">Number of messages of the kind that were suppressed since the last one that was written.</param>
    /// <returns>True if the message is to be written.</returns>
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
