namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds international bank account numbers: the length of their country, and a right checksum. Only in upper case, in one piece or in groups of four.
/// Source: ISO 13616; SWIFT, "IBAN Registry".
/// </summary>
internal static class IbanRule
{
    private const int GroupBytes = 4;
    private const int EntryBytes = 5;
    private const int MinCutBytes = 10;
    private const int Modulus = 97;

    // Country, length, and n if only digits follow.
    private static ReadOnlySpan<byte> Countries =>
        "AD24aAE23nAL28aAT20nAZ28aBA20nBE16nBG22aBH22aBI27nBR29aBY28aCH21aCR22nCY28aCZ24nDE22nDJ27nDK18nDO28aEE20nEG29nES24nFI18nFK18a"u8
        + "FO18nFR27aGB22aGE22aGI23aGL18nGR27aGT28aHN28aHR21nHU28nIE22aIL23nIQ23aIS26nIT27aJO30aKW30aKZ20aLB28aLC32aLI21aLT20nLU20aLV21a"u8
        + "LY25nMC27aMD24aME22nMK19aMN20nMR27nMT31aMU30aNI28aNL18aNO15nOM23aPK24aPL28nPS29aPT25nQA29aRO24aRS22nRU33aSA24aSC31aSD18nSE24n"u8
        + "SI19nSK24nSM27aSO23nST25nSV28aTL23nTN24nTR26aUA29aVA22nVG24aXK20nYE30a"u8;

    /// <summary>Returns true if a number begins at an index.</summary>
    /// <param name="start">Index of the two letters of the country.</param>
    /// <param name="end">Receives the index after the number.</param>
    public static bool TryMatch(in RedactText text, int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        end = start;
        int country = IndexOfCountry(bytes[start], bytes[start + 1]);
        if (country < 0 || start < text.Taken || !Characters.IsWordStart(in text, start))
        {
            return false;
        }

        int length = ((Countries[country + 2] - '0') * 10) + Countries[country + 3] - '0';
        bool isNumeric = Countries[country + 4] == (byte)'n';
        bool hasGroups = bytes.At(start + GroupBytes) == (byte)' ';
        int remainder = 0;
        int checksum = 0;
        for (int i = 0; i < length; i++)
        {
            if (hasGroups && i > 0 && i % GroupBytes == 0 && bytes.At(end++) != (byte)' ')
            {
                return false;
            }

            byte value = bytes.At(end);
            if (end >= bytes.Length && text.IsCut && i >= MinCutBytes)
            {
                end = bytes.Length;
                return true;
            }

            bool isDigit = AsciiByte.IsDigit(value);
            if (!isDigit && !(AsciiByte.IsUpper(value) && (i < 2 || (i >= GroupBytes && !isNumeric))))
            {
                return false;
            }

            // The country and the two check digits count behind the rest.
            ref int sum = ref (i < GroupBytes ? ref checksum : ref remainder);
            sum = isDigit ? (sum * 10) + value - '0' : (sum * 100) + value - 'A' + 10;
            remainder %= Modulus;
            end++;
        }

        // The country and the check digits have six digits.
        return Characters.IsWordEnd(bytes, end) && ((remainder * 1_000_000L) + checksum) % Modulus == 1;
    }

    private static int IndexOfCountry(byte first, byte second)
    {
        for (int i = 0; i < Countries.Length; i += EntryBytes)
        {
            if (Countries[i] == first && Countries[i + 1] == second)
            {
                return i;
            }
        }

        return -1;
    }
}
