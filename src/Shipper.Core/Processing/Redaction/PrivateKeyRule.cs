namespace Shipper.Processing.Redaction;

/// <summary>
/// Removes private keys: those in one record, whatever their line ends are, and those that a program prints line by line, so that each line is a record.
/// </summary>
internal static class PrivateKeyRule
{
    /// <summary>No key has more lines: one of 16,384 bits has 200 with 64 bytes each.</summary>
    private const int MaxRecords = 200;

    /// <summary>Removes the key that begins at an index, if there is one.</summary>
    /// <param name="index">Index of <see cref="PrivateKeyText.Begin"/>.</param>
    /// <param name="hasEnd">False if no key ends in the text; receives false if this was found out.</param>
    /// <param name="recordsInKey">Receives 1 if the key may continue in the next record.</param>
    public static void Remove(ref RedactText text, int index, ref bool hasEnd, ref int recordsInKey)
    {
        if (index < text.Taken || !PrivateKeyText.TryReadLabel(text.Text, index + PrivateKeyText.Begin.Length, out int body))
        {
            return;
        }

        int last = hasEnd ? PrivateKeyText.IndexOfEnd(text.Text, body, out int end) : MissingEnd(out end);
        hasEnd &= last >= 0;
        if (last >= 0)
        {
            if (PrivateKeyText.IsBody(text.Text[body..last]))
            {
                text.Replace(index, end, RedactName.PrivateKey);
            }

            return;
        }

        bool hasLines = false;
        end = PrivateKeyText.BodyEnd(text.Text, body, text.IsCut, ref hasLines);
        if (hasLines || end == text.Text.Length)
        {
            recordsInKey = end == text.Text.Length && !text.IsCut ? 1 : 0;
            text.Replace(index, end, RedactName.PrivateKey);
        }
    }

    /// <summary>Removes what belongs to a key that began in an earlier record of the output.</summary>
    /// <param name="recordsInKey">Number of records since the beginning of the key; receives 0 if the key has ended.</param>
    public static void Continue(ref RedactText text, ref int recordsInKey)
    {
        int records = recordsInKey;
        recordsInKey = 0;
        bool hasLines = records > 1;
        int bodyEnd = PrivateKeyText.BodyEnd(text.Text, 0, text.IsCut, ref hasLines);
        int last = PrivateKeyText.IndexOfEnd(text.Text, 0, out int end);
        if (last >= 0)
        {
            // The last line of base64 may be in front of the line that ends the key.
            text.Replace(PrivateKeyText.SkipLineEnds(text.Text, bodyEnd) == last ? 0 : last, end, RedactName.PrivateKey);
        }
        else if (bodyEnd == text.Text.Length && records < MaxRecords)
        {
            recordsInKey = records + 1;
            if (hasLines)
            {
                text.Replace(0, bodyEnd, RedactName.PrivateKey);
            }
        }
    }

    private static int MissingEnd(out int end)
    {
        end = 0;
        return -1;
    }
}
