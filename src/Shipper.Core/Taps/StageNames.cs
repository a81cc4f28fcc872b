using Shipper.Processing;
using Shipper.Processing.Ansi;
using Shipper.Processing.Fields;
using Shipper.Processing.Levels;
using Shipper.Processing.Limits;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;

namespace Shipper.Taps;

/// <summary>Names of stages, as the configuration has them.</summary>
internal static class StageNames
{
    public static string Of(ProcessingStage stage) => stage switch
    {
        AnsiStage => "ansi",
        LevelStage => "level",
        TraceContextStage => "trace",
        FieldsStage => "fields",
        RuleStage => "rules",
        LimitStage => "limits",
        RedactStage => "redact",
        _ => stage.GetType().Name,
    };
}
