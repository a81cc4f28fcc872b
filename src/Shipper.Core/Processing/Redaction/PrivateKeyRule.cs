namespace Shipper.Processing.Redaction;

/// <summary>
/// Removes private keys: those in one record, whatever their line ends are, and those that take several records, because a program prints them line by line, or
/// because a long line was cut or given up within the key.
/// </summary>
internal static class PrivateKeyRule
{
    /// <summary>Removes the private keys of a record, and what belongs to a key that began in an earlier record of the output.</summary>
    /// <param name="state">Where the output is in a key (<see cref="KeyProgress"/>).</param>
    public static void Run(ref RedactText text, ref int state)
    {
        var key = new KeyProgress(state);
        if (key.IsOpen)
        {
            Continue(ref text, ref key);
        }
        else if (PrivateKeyText.TryReadRestOfMarker(text.Text, out int body))
        {
            RemoveUnended(ref text, 0, body, ref key);
        }

        KeyEnd next = default;
        for (int index = IndexOfBegin(in text, text.Taken); index >= 0; index = IndexOfBegin(in text, Math.Max(index + 1, text.Taken)))
        {
            Remove(ref text, index, ref next, ref key);
        }

        state = key.Packed;
    }

    /// <summary>Follows a record that is not sent. Costs a search for one literal, unless the record has something of a key.</summary>
    /// <param name="text">The record, or its beginning.</param>
    /// <param name="length">Length of the whole record in bytes.</param>
    /// <param name="hidden">What <see cref="HiddenKeys"/> found in the part of the record that was not kept.</param>
    public static void Follow(ReadOnlySpan<byte> text, long length, KeyMark hidden, ref int state)
    {
        if (state != 0 || text.IndexOf(PrivateKeyText.BeginBytes) >= 0 || PrivateKeyText.TryReadRestOfMarker(text, out _))
        {
            var unsent = new RedactText(text, length);
            Run(ref unsent, ref state);
        }

        Follow(hidden, ref state);
    }

    /// <summary>Follows the part of a record that was not kept.</summary>
    public static void Follow(KeyMark hidden, ref int state) =>
        state = hidden switch
        {
            KeyMark.Begin => KeyProgress.Begin(hasLines: true).Packed,
            KeyMark.PartOfBegin => KeyProgress.BeginInMarker().Packed,
            KeyMark.End => 0,
            _ => state,
        };

    private static int IndexOfBegin(in RedactText text, int start)
    {
        int index = start < text.Text.Length ? text.Text[start..].IndexOf(PrivateKeyText.BeginBytes) : -1;
        return index < 0 ? -1 : start + index;
    }

    /// <summary>Removes the key that begins at an index, if there is one.</summary>
    /// <param name="next">The end that was found last. A text with many beginnings is searched once for each end.</param>
    private static void Remove(ref RedactText text, int index, ref KeyEnd next, ref KeyProgress key)
    {
        if (!PrivateKeyText.TryReadLabel(text.Text, index + PrivateKeyText.Begin.Length, out int body))
        {
            key = PrivateKeyText.EndsInMarker(text.Text, index) ? KeyProgress.BeginInMarker() : key;
            return;
        }

        if (!next.IsMissing && next.Start < body)
        {
            int start = PrivateKeyText.IndexOfEnd(text.Text, body, out int end);
            next = new KeyEnd(start, end, IsMissing: start < 0);
        }

        if (next.IsMissing)
        {
            RemoveUnended(ref text, index, body, ref key);
            return;
        }

        ReadOnlySpan<byte> lines = text.Text[body..next.Start];
        if (lines.IndexOf(PrivateKeyText.BeginBytes) >= 0)
        {
            // The end belongs to the last beginning before it.
            RemoveUnended(ref text, index, body, ref key);
            return;
        }

        key = default;
        if (PrivateKeyText.IsBody(lines))
        {
            text.Replace(index, next.End, RedactName.PrivateKey);
        }
    }

    /// <summary>Removes the key that begins at an index, and does not end in the text.</summary>
    /// <param name="body">Index after the line that begins the key.</param>
    private static void RemoveUnended(ref RedactText text, int index, int body, ref KeyProgress key)
    {
        bool hasLines = false;
        int end = PrivateKeyText.BodyEnd(text.Text, body, text.IsCut, ref hasLines);
        if (!hasLines && end < text.Text.Length && PrivateKeyText.EndsInFirstLine(text.Text, body))
        {
            hasLines = true;
            end = text.Text.Length;
        }

        if (hasLines || end == text.Text.Length)
        {
            text.Replace(index, end, RedactName.PrivateKey);
        }

        // Other words behind the line show that the text is about keys. Behind a quote, they are other fields of the record.
        byte next = text.Text.At(hasLines ? end : body);
        bool isText = end < text.Text.Length && !PrivateKeyText.IsShortRest(text.Text[end..], maxLines: 1) && (next is (byte)' ' or (byte)'\t' || Characters.IsAlphanumeric(next));
        key = isText ? default : KeyProgress.Begin(hasLines);
    }

    /// <summary>Removes what belongs to a key that began in an earlier record of the output.</summary>
    private static void Continue(ref RedactText text, ref KeyProgress key)
    {
        int start = 0;
        if (key.EndedInMarker && !PrivateKeyText.TryContinueMarker(text.Text, out start))
        {
            // The line that begins the key may be in three pieces.
            key = PrivateKeyText.EndsInMarker(text.Text, -PrivateKeyText.Begin.Length) ? key : default;
            return;
        }

        int last = PrivateKeyText.IndexOfEnd(text.Text, start, out int end);
        if (last < 0 && key.Records >= KeyProgress.MaxRecords)
        {
            key = default;
            return;
        }

        ReadOnlySpan<byte> lines = last < 0 ? text.Text : text.Text[..last];
        bool isCut = last < 0 && text.IsCut;
        bool hasLines = key.EndedInLines;
        int bodyEnd = PrivateKeyText.RestEnd(lines, start, isCut, key.IsFirst, ref hasLines);
        bool isPart = bodyEnd == lines.Length || start > 0;
        if (hasLines && bodyEnd > start)
        {
            isPart = true;
            text.Replace(0, bodyEnd, RedactName.PrivateKey);
        }

        // Loggers write something in front of each line.
        for (int line; (line = PrefixedKeyLine.IndexOf(lines, bodyEnd)) >= 0;)
        {
            isPart = hasLines = true;
            bodyEnd = PrivateKeyText.BodyEnd(lines, line, isCut, ref hasLines);
            text.Replace(line, bodyEnd, RedactName.PrivateKey);
        }

        if (!isPart && key.EndedInLines && PrefixedKeyLine.IndexOfLast(lines) is >= 0 and int shortLine)
        {
            isPart = true;
            text.Replace(shortLine, lines.Length, RedactName.PrivateKey);
        }

        if (last >= 0)
        {
            text.Replace(hasLines && PrivateKeyText.IsShortRest(lines[bodyEnd..], PrivateKeyText.MaxShortLines) ? bodyEnd : last, end, RedactName.PrivateKey);
            key = default;
        }
        else if (isPart)
        {
            key.AddRecord(hasLines);
        }
        else
        {
            key.AddOther();
        }
    }

    /// <summary>A line that ends a key.</summary>
    /// <param name="Start">Index of the line.</param>
    /// <param name="End">Index after it.</param>
    /// <param name="IsMissing">True if no key ends in the rest of the text.</param>
    private readonly record struct KeyEnd(int Start, int End, bool IsMissing);
}
