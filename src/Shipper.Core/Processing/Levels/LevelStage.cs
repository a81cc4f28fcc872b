namespace Shipper.Processing.Levels;

/// <summary>Detects the level of each record, and adds it as structured metadata <c>detected_level</c>, which Loki takes over instead of guessing.</summary>
/// <remarks>A record whose text states no level keeps the level that its source has set: the journal knows a priority.</remarks>
internal sealed class LevelStage : ProcessingStage
{
    private static ReadOnlySpan<byte> MetadataName => "detected_level"u8;

    /// <inheritdoc/>
    public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        // The rest of a long line begins somewhere in its message.
        RecordLevel level = draft.IsRemainder ? RecordLevel.None : LevelDetector.Detect(draft.Line, draft.Lines);
        if (level != RecordLevel.None)
        {
            draft.Level = level;
        }

        if (draft.Level != RecordLevel.None)
        {
            // If the metadata has no room left, the record goes without its level.
            _ = context.AddMetadata(ref draft, MetadataName, RecordLevels.NameOf(draft.Level));
        }

        return StageVerdict.Keep;
    }
}
