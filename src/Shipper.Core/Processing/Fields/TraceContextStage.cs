using System.Text;
using Shipper.Records;

namespace Shipper.Processing.Fields;

/// <summary>
/// Adds the trace context of a line as structured metadata <c>trace_id</c> and <c>span_id</c>, in the form in which Loki stores it for OpenTelemetry:
/// <c>processing.trace: detect</c>. <see cref="TraceFinder"/> describes where it is found. Nothing is added if the record already has one of the names.
/// </summary>
/// <remarks>The rest of a very long line has none: its beginning, which is a record of its own, may have.</remarks>
internal sealed class TraceContextStage : ProcessingStage
{
    /// <summary>Name of the structured metadata for the trace id.</summary>
    public const string TraceIdName = "trace_id";

    /// <summary>Name of the structured metadata for the span id.</summary>
    public const string SpanIdName = "span_id";

    private static readonly byte[] TraceName = Encoding.ASCII.GetBytes(TraceIdName);
    private static readonly byte[] SpanName = Encoding.ASCII.GetBytes(SpanIdName);
    private static readonly MetadataNames Names = new([TraceName, SpanName]);

    public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        if (!draft.IsRemainder
            && TraceFinder.TryFind(draft.Line, isCut: draft.Length > draft.Line.Length, out TraceContext found)
            && Names.FindIn(draft.Metadata[..^draft.AddedMetadataBytes]) == 0)
        {
            Add(ref draft, context, found);
        }

        return StageVerdict.Keep;
    }

    private static void Add(ref RecordDraft draft, StageContext context, TraceContext found)
    {
        Span<byte> text = stackalloc byte[TraceContext.TraceIdLength];
        found.WriteTraceId(text);
        context.AddMetadata(ref draft, TraceName, text);
        if (found.SpanId != 0)
        {
            text = text[..TraceContext.SpanIdLength];
            found.WriteSpanId(text);
            context.AddMetadata(ref draft, SpanName, text);
        }
    }
}
