using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Processing;

namespace Shipper.Journal;

/// <summary>The streams of the journal: one for each value of the label <c>unit</c>, up to a limit.</summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
/// <param name="checkpoints">Stores the positions and clocks.</param>
/// <param name="labels">The labels that all streams have.</param>
/// <param name="keys">The checkpoint keys of the directories, in the order of the configuration.</param>
/// <param name="processing">Section <c>processing</c>.</param>
internal sealed class JournalStreams(CheckpointStore checkpoints, IReadOnlyDictionary<string, string> labels, string[] keys, ProcessingOptions processing)
{
    private readonly JournalStream?[] _streams = new JournalStream?[JournalUnits.MaxLabels + 1];

    /// <summary>Number of streams.</summary>
    public int Count { get; private set; }

    /// <summary>All streams so far.</summary>
    public IEnumerable<JournalStream> All => _streams.OfType<JournalStream>();

    /// <summary>
    /// Returns the stream of a unit. Its clock resumes from the newest clock in the checkpoints: an earlier version kept one for each directory, and another
    /// directory may have been the first in the configuration.
    /// </summary>
    public JournalStream Get(JournalUnit unit)
    {
        if (_streams[unit.LabelIndex] is { } stream)
        {
            return stream;
        }

        stream = new JournalStream(checkpoints.GetOrAddStream($"{keys[0]}:{unit.Label}"), unit, AttributesOf(unit.Label));
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
        new(StreamLabels.Create(new Dictionary<string, string>(labels, StringComparer.Ordinal) { ["unit"] = unit, ["job"] = "systemd-journal" }), [], hasOutput: false,
            StreamRulesFactory.Create(processing, new RecordOrigin { Source = RecordOrigin.Journal, Unit = unit }));
}
