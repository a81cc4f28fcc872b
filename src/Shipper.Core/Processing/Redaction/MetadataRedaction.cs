using Shipper.Records;

namespace Shipper.Processing.Redaction;

/// <summary>Removes secrets and personal data from the structured metadata that stages have added to a record.</summary>
internal static class MetadataRedaction
{
    /// <summary>Changes the values of the pairs that stages have added.</summary>
    /// <param name="found">The kinds that were removed from the record, as <see cref="RedactName.Bit"/>.</param>
    public static void Apply(RedactStage stage, ref RecordDraft draft, StageContext context, ref ulong found)
    {
        ReadOnlySpan<byte> added = draft.Metadata[^draft.AddedMetadataBytes..];
        if (!stage.MayChangeAny(added))
        {
            return;
        }

        while (!added.IsEmpty)
        {
            int bytes = added.Length;
            added = EntryMetadata.Read(added, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            if (stage.MayChange(value) || stage.IsSecret(name, value))
            {
                Rewrite(stage, ref draft, bytes, context, ref found);
                return;
            }
        }
    }

    /// <summary>Writes the last pairs again, with changed values.</summary>
    /// <param name="bytes">Length of these pairs.</param>
    private static void Rewrite(RedactStage stage, ref RecordDraft draft, int bytes, StageContext context, ref ulong found)
    {
        // At most 16 KiB. The buffers of the context hold the line, and the metadata that is written anew.
        Span<byte> before = stackalloc byte[bytes];
        Span<byte> first = stackalloc byte[stage.MaxLength(before.Length)];
        Span<byte> second = stackalloc byte[stage.MaxLength(before.Length)];
        draft.Metadata[^bytes..].CopyTo(before);
        draft.Metadata = draft.Metadata[..^bytes];
        draft.AddedMetadataBytes -= bytes;
        for (ReadOnlySpan<byte> rest = before; !rest.IsEmpty;)
        {
            rest = EntryMetadata.Read(rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            if (stage.IsSecret(name, value))
            {
                found |= RedactName.Password.Bit;
                context.AddMetadata(ref draft, name, RedactName.Password.Marker);
                continue;
            }

            var text = new RedactText(value, first, second, context);
            stage.Run(ref text);
            stage.RunAgain(ref text);
            found |= text.Found;

            // As any value for which a record has no room, a value that has become too long is left out.
            if (!text.IsCut)
            {
                context.AddMetadata(ref draft, name, text.Text);
            }
        }
    }
}
