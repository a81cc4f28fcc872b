using Shipper.Processing.Assembling;
using Shipper.Records;

namespace Shipper.Processing.Cases;

/// <summary>
/// Makes records from the lines of one log as the agent does, without sending them: joins lines, applies the rules and truncates. A limit that would slow the
/// log down does not wait, but is counted.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RecordRunner
{
    private readonly Assembler _assembler;
    private readonly RecordPipeline _pipeline;
    private readonly StreamRules _rules;
    private readonly LineLimit _limit;
    private readonly Func<LogOutput, ReadOnlyMemory<byte>> _metadata;
    private readonly IRecordSink _sink;

    /// <param name="rules">The rules of the log.</param>
    /// <param name="limit">Maximum length of a line, and what to do with longer lines.</param>
    /// <param name="metadata">Returns the structured metadata that each record of an output has, encoded.</param>
    /// <param name="sink">Receives the records.</param>
    public RecordRunner(StreamRules rules, LineLimit limit, Func<LogOutput, ReadOnlyMemory<byte>> metadata, IRecordSink sink)
    {
        _rules = rules;
        _limit = limit;
        _metadata = metadata;
        _sink = sink;
        _assembler = new Assembler(limit.MaxBytes);
        _pipeline = new RecordPipeline(limit.MaxBytes);
        _pipeline.Context.Memory.Bind(rules.LimitNames);
        _assembler.BeginTurn(rules, _pipeline.Context.Memory, limit.MaxBytes, default);
    }

    /// <summary>What stages and limits did with all records so far.</summary>
    public IReadOnlyList<StageCount> Counts => _pipeline.Context.Counts;

    /// <summary>Adds a line.</summary>
    /// <param name="place">Its place in the log.</param>
    public void Add(in LogLine line, LineRange place)
    {
        // Like the reader, passes a line on in pieces if it is longer than what is kept of a line.
        ReadOnlySpan<byte> content = line.Content;
        bool isContinuation = line.IsContinuation;
        for (; content.Length > _limit.MaxBytes; content = content[_limit.MaxBytes..])
        {
            AddPiece(Piece(in line, content[.._limit.MaxBytes], isPartial: true, isContinuation), place);
            isContinuation = true;
        }

        AddPiece(Piece(in line, content, line.IsPartial, isContinuation), place);
    }

    /// <summary>Ends the log: makes records from what is held.</summary>
    public void Flush()
    {
        RecordDraft draft = default;
        TakePending(ref draft);
        while (_assembler.TryFlush(isQuiet: true, keepsParts: false, ref draft))
        {
            Process(ref draft);
            TakePending(ref draft);
        }
    }

    private static LogLine Piece(in LogLine line, ReadOnlySpan<byte> content, bool isPartial, bool isContinuation) =>
        new(line.TimestampNs, line.Output, isPartial, content)
        {
            IsAscii = line.IsAscii,
            IsTorn = line.IsTorn,
            IsContinuation = isContinuation,
            IsRemainder = line.IsRemainder,
        };

    private void AddPiece(in LogLine line, LineRange place)
    {
        RecordDraft draft = default;
        AddResult result;
        do
        {
            result = _assembler.Add(in line, place, ref draft);
            if (result == AddResult.Held)
            {
                return;
            }

            Process(ref draft);
            TakePending(ref draft);
        }
        while (result == AddResult.OlderRecordFirst);
    }

    private void TakePending(ref RecordDraft draft)
    {
        while (_assembler.HasPending && _assembler.TryTakePending(ref draft))
        {
            Process(ref draft);
        }
    }

    private void Process(ref RecordDraft draft)
    {
        draft.Metadata = _metadata(draft.Output).Span;
        draft.AddedMetadataBytes = 0;
        _sink.OnAssembled(in draft);
        while (_rules.Limits.Length > 0 && _pipeline.TryReport(_rules, draft.TimestampNs, draft.Metadata, out LogRecord report))
        {
            _sink.OnProcessed(new ProcessedRecord { Line = report.Line, Metadata = report.Metadata, Lines = 1, IsReport = true });
        }

        _pipeline.Context.MatchedRule = null;
        _pipeline.Context.MatchedLimit = null;
        bool isSent = _pipeline.TryRun(_rules, _limit, ref draft, out LogRecord record, out string? dropped);
        _sink.OnProcessed(new ProcessedRecord
        {
            Line = isSent ? record.Line : draft.Line,
            Metadata = isSent ? record.Metadata : draft.Metadata,
            TruncatedBytes = record.TruncatedBytes,
            Level = draft.Level,
            Lines = draft.Lines,
            DropReason = dropped,
            Rule = _pipeline.Context.MatchedRule,
            Limit = _pipeline.Context.MatchedLimit,
        });
    }
}
