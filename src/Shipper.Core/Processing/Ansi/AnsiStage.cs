namespace Shipper.Processing.Ansi;

/// <summary>
/// Removes ANSI escape sequences from records: <c>processing.ansi: strip</c>. A sequence that ends with the record stays incomplete, and is removed only if the
/// line was cut there.
/// </summary>
internal sealed class AnsiStage : ProcessingStage
{
    public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        int first = AnsiText.IndexOf(draft.Line, draft.IsAscii);
        if (first >= 0)
        {
            Strip(ref draft, first, context.NextLine());
        }

        return StageVerdict.Keep;
    }

    private static void Strip(ref RecordDraft draft, int first, Span<byte> target)
    {
        // A line is never longer than the buffer; if it were, the rest would count as cut.
        ReadOnlySpan<byte> line = draft.Line[..Math.Min(draft.Line.Length, target.Length)];
        first = Math.Min(first, line.Length);
        line[..first].CopyTo(target);
        int length = first + AnsiText.Strip(line[first..], target[first..], out int incompleteBytes);
        length -= draft.Length > line.Length ? incompleteBytes : 0;
        draft.Length -= line.Length - length;
        draft.Line = target[..length];
    }
}
