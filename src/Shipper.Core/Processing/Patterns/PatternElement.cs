namespace Shipper.Processing.Patterns;

/// <summary>Finds the ends of elements of a regex that match one unit.</summary>
internal static class PatternElement
{
    /// <summary>Returns the end of an escape.</summary>
    /// <param name="position">Behind the first character that follows the backslash.</param>
    /// <returns>-1 if it has no end; possibly more than the length of the pattern.</returns>
    public static int EndOfEscape(string pattern, int position)
    {
        switch (pattern[position - 1])
        {
            case 'x':
                return position + 2;
            case 'u':
                return position + 4;
            case 'c':
                return position + 1;
            case 'p' or 'P':
                int brace = pattern.IndexOf('}', position);
                return brace < 0 ? -1 : brace + 1;
            case >= '0' and <= '7':
                int end = position;
                while (end < Math.Min(position + 2, pattern.Length) && pattern[end] is >= '0' and <= '7')
                {
                    end++;
                }

                return end;
            default:
                return position;
        }
    }

    /// <summary>Returns the end of a class.</summary>
    /// <param name="position">Behind its opening bracket.</param>
    /// <returns>-1 if it has no end.</returns>
    public static int EndOfClass(string pattern, int position)
    {
        position += position < pattern.Length && pattern[position] == '^' ? 1 : 0;
        for (int i = position; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case ']' when i > position:
                    return i + 1;
                case '-' when i > position && i + 1 < pattern.Length && pattern[i + 1] == '[':
                    // A class that is subtracted, and then the end of this one.
                    int end = EndOfClass(pattern, i + 2);
                    return end > 0 && end < pattern.Length && pattern[end] == ']' ? end + 1 : -1;
                default:
                    break;
            }
        }

        return -1;
    }
}
