using System.Text;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Rules;

/// <summary>A record for stages.</summary>
internal sealed record TestRecord(
    string Line, long TimestampNs = 1_773_310_532_113_000_000, RecordLevel Level = RecordLevel.None, LogOutput Output = LogOutput.Stdout)
{
    private readonly byte[] _line = Encoding.UTF8.GetBytes(Line);

    public StageVerdict Apply(ProcessingStage stage, StageContext context) => Apply(stage, context, out _);

    public StageVerdict Apply(ProcessingStage stage, StageContext context, out string? dropReason)
    {
        RecordDraft draft = Draft();
        StageVerdict verdict = stage.Apply(ref draft, context);
        dropReason = draft.DropReason;
        return verdict;
    }

    public RecordDraft Draft() => new() { Line = _line, Length = _line.Length, TimestampNs = TimestampNs, Level = Level, Output = Output };
}
