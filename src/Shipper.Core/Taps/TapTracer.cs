using System.Globalization;
using System.Runtime.CompilerServices;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Taps;

/// <summary>
/// Shows the records of a lane in the open taps. The records themselves pass the same <see cref="RecordPipeline"/> as without a tap; a record that a tap shows
/// is processed once more on copies (<see cref="TracedRecord"/>). The time that this takes is bounded: a lane spends at most a fortieth of its time on taps, and
/// counts the records that it can't look at as skipped.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own instance.</remarks>
/// <param name="registry">The open taps.</param>
/// <param name="pipeline">Makes the records of the lane.</param>
/// <param name="maxLineBytes">The largest maximum line size of any source.</param>
internal sealed class TapTracer(TapRegistry registry, RecordPipeline pipeline, int maxLineBytes)
{
    // The part of the time that a lane may spend, and how much of it may be saved for a burst.
    private const int TimeShare = 40;
    private const int BurstsPerSecond = 40;

    // What it costs to search a line for a text. Measuring it would cost more.
    private const int SearchNs = 10;
    private const int SearchedBytesPerNs = 16;
    private const long NsPerSecond = 1_000_000_000;

    private readonly List<TapTurn> _turns = [];
    private readonly long _frequency = registry.Time.TimestampFrequency;
    private TracedRecord? _traced;
    private StreamAttributes? _attributes;
    private Tap[] _taps = [];
    private long _refilledAt = registry.Time.GetTimestamp();
    private long _timeLeft = registry.Time.TimestampFrequency / BurstsPerSecond;

    private TracedRecord Traced => _traced ??= new TracedRecord(maxLineBytes);

    /// <summary>Begins a turn of reading. Without an open tap, this costs one branch.</summary>
    /// <param name="attributes">The attributes of the stream.</param>
    /// <returns>True if a tap wants records of the stream: use <see cref="TryRun"/>, <see cref="Report"/> and <see cref="End"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Begin(StreamAttributes attributes) => (registry.HasAny || _taps.Length > 0) && BeginTurn(attributes);

    /// <summary>Makes a record from a draft as <see cref="RecordPipeline.TryRun"/> does, and shows it.</summary>
    /// <inheritdoc cref="RecordPipeline.TryRun"/>
    public bool TryRun(StreamRules rules, LineLimit limit, ref RecordDraft draft, out LogRecord record, out string? dropped)
    {
        if (_timeLeft <= 0 || !HasRoom())
        {
            bool isKept = pipeline.TryRun(rules, limit, ref draft, out record, out dropped);
            Skip(isKept, IsRestOfSkipped(in draft, limit));
            return isKept;
        }

        Traced.Context.Memory.CopyFrom(pipeline.Context.Memory);
        RecordDraft before = draft;
        bool isSent = pipeline.TryRun(rules, limit, ref draft, out record, out dropped);
        if (!IsRestOfSkipped(in before, limit))
        {
            Show(in before, rules, isSent, in record, dropped);
        }

        return isSent;
    }

    /// <summary>Shows a report of a limit (<see cref="RecordPipeline.TryReport"/>).</summary>
    public void Report(in LogRecord report)
    {
        foreach (TapTurn turn in _turns)
        {
            if (turn.Tap is { Stage: TapStage.Processed, HasRoom: true } && Matches(turn.Tap, report.Line))
            {
                turn.Tap.Add(new TapRecord
                {
                    TimestampNs = report.TimestampNs,
                    Stage = TapStage.Processed,
                    Labels = turn.Labels,
                    Metadata = MetadataPairs.Decode(report.Metadata),
                    Line = ShownLine.Copy(report.Line),
                    LineBytes = report.Line.Length,
                });
            }
        }
    }

    /// <summary>Ends the turn.</summary>
    public void End()
    {
        foreach (TapTurn turn in _turns)
        {
            if (turn.Skipped > 0)
            {
                turn.Tap.Skip(turn.Skipped);
                turn.Skipped = 0;
            }
        }
    }

    /// <summary>True for the rest of a line that is skipped because of its length. Its beginning is the record that is counted and shown.</summary>
    private static bool IsRestOfSkipped(scoped in RecordDraft draft, LineLimit limit) => draft.IsRemainder && limit.LongLines == LongLineAction.Skip;

    private static bool Wants(Tap tap, bool isSent) => tap.Stage == TapStage.Read || (tap.Stage == TapStage.Processed) == isSent;

    private bool BeginTurn(StreamAttributes attributes)
    {
        // The last turn may have failed.
        End();
        Tap[] taps = registry.Taps;
        if (taps.Length == 0)
        {
            _traced = null;
            _turns.Clear();
            _taps = taps;
            _attributes = null;
            return false;
        }

        if (attributes != _attributes || taps != _taps)
        {
            _attributes = attributes;
            _taps = taps;
            _turns.Clear();
            foreach (Tap tap in taps)
            {
                if (tap.FindLabels(attributes) is { } labels)
                {
                    _turns.Add(new TapTurn(tap, labels));
                }
            }
        }

        if (_turns.Count == 0)
        {
            return false;
        }

        long now = registry.Time.GetTimestamp();
        _timeLeft = Math.Min(_frequency / BurstsPerSecond, _timeLeft + ((now - _refilledAt) / TimeShare));
        _refilledAt = now;
        foreach (TapTurn turn in _turns)
        {
            turn.Tap.Refill(now);
        }

        return true;
    }

    private bool HasRoom()
    {
        foreach (TapTurn turn in _turns)
        {
            if (turn.Tap.HasRoom)
            {
                return true;
            }
        }

        return false;
    }

    private void Skip(bool isSent, bool isRestOfSkipped)
    {
        foreach (TapTurn turn in _turns)
        {
            turn.Skipped += Wants(turn.Tap, isSent) && !isRestOfSkipped ? 1 : 0;
        }
    }

    private void Show(scoped in RecordDraft before, StreamRules rules, bool isSent, scoped in LogRecord record, string? dropped)
    {
        // 0 until something begins that is worth measuring.
        long started = 0;
        bool isTraced = false;
        ShownLine read = default;
        ShownLine end = default;
        ReadOnlySpan<byte> metadata = default;
        List<TapChange>? changes = null;
        foreach (TapTurn turn in _turns)
        {
            Tap tap = turn.Tap;
            if (!Wants(tap, isSent))
            {
                continue;
            }

            if (_timeLeft <= 0 || !tap.HasRoom)
            {
                turn.Skipped++;
                continue;
            }

            if (started == 0 && (tap.Stage != TapStage.Processed || tap.Query.HasLineRegex))
            {
                started = registry.Time.GetTimestamp();
            }

            if (tap.Stage == TapStage.Processed && !Matches(tap, record.Line))
            {
                continue;
            }

            if (!isTraced)
            {
                started = started == 0 ? registry.Time.GetTimestamp() : started;
                Traced.Run(in before, rules[before.Output], before.Output == rules.Excluded, out read, out end, out metadata);
                isTraced = true;
            }

            ShownLine shown = tap.Stage switch
            {
                TapStage.Read => read,
                TapStage.Dropped => end,
                _ => new ShownLine(record.Line, record.Line.Length),
            };

            if (tap.Stage == TapStage.Processed || Matches(tap, shown.Text))
            {
                List<KeyValuePair<string, string>> pairs = MetadataPairs.Decode(tap.Stage switch
                {
                    TapStage.Read => before.Metadata,
                    TapStage.Dropped => metadata,
                    _ => record.Metadata,
                });
                if (tap.Stage == TapStage.Processed && record.TruncatedBytes != 0)
                {
                    pairs.Add(KeyValuePair.Create("truncated_bytes", record.TruncatedBytes.ToString(CultureInfo.InvariantCulture)));
                }

                tap.Add(new TapRecord
                {
                    TimestampNs = before.TimestampNs,
                    Stage = tap.Stage,
                    Labels = turn.Labels,
                    Metadata = pairs,
                    Line = shown.Copy(),
                    LineBytes = shown.Length,
                    Rule = Traced.Context.MatchedRule,
                    Limit = Traced.Context.MatchedLimit,
                    Reason = dropped,
                    Changes = changes ??= Traced.DescribeChanges(),
                });
            }
        }

        _timeLeft -= started == 0 ? 0 : registry.Time.GetTimestamp() - started;
    }

    /// <summary>Returns true if a line passes the filters of a tap. A search for a text is charged here, because it is too short to measure.</summary>
    private bool Matches(Tap tap, ReadOnlySpan<byte> line)
    {
        if (tap.Query.LineFilters == 0)
        {
            return true;
        }

        _timeLeft -= tap.Query.LineFilters * (SearchNs + (line.Length / SearchedBytesPerNs)) * _frequency / NsPerSecond;
        return tap.Query.MatchesLine(line, Traced.Context);
    }
}
