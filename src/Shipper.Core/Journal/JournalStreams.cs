using Shipper.Checkpoints;
using Shipper.Loki;

namespace Shipper.Journal;

/// <summary>The streams of the journal: one for each unit, up to a number of them.</summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
/// <param name="checkpoints">What is kept of them.</param>
/// <param name="labels">What all of them have in common.</param>
/// <param name="keys">The directories, as the checkpoints know them; the first in the configuration first.</param>
internal sealed class JournalStreams(CheckpointStore checkpoints, IReadOnlyDictionary<string, string> labels, string[] keys)
{
    private readonly JournalStream?[] _streams = new JournalStream?[JournalUnits.MaxLabels + 1];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// The stream of a unit. Its clock resumes from the newest one in the checkpoints: an earlier version kept one for each directory, and another directory
    /// may have been the first in the configuration.
    /// </summary>
    public JournalStream Get(JournalUnit unit)
    {
        if (_streams[unit.LabelIndex] is { } stream)
        {
            return stream;
        }

        stream = new JournalStream(checkpoints.GetStream($"{keys[0]}:{unit.Label}"), unit.LabelIndex, AttributesOf(unit.Label));
        foreach (string key in keys)
        {
            if (checkpoints.FindStream($"{key}:{unit.Label}") is { } kept && kept.Clock.LastSentNs > stream.Clock.LastSentNs)
            {
                var changes = new CheckpointChanges();
                changes.Clocks.Add(new(stream.Checkpoint, kept.Clock));
                checkpoints.Commit(changes);
                stream.Clock = kept.Clock;
            }
        }

        _streams[unit.LabelIndex] = stream;
        Count++;
        return stream;
    }

    private StreamAttributes AttributesOf(string unit) =>
        new(StreamLabels.Create(new Dictionary<string, string>(labels, StringComparer.Ordinal) { ["unit"] = unit, ["job"] = "systemd-journal" }), [], hasOutput: false);
}
