using System.Text;

namespace Shipper.Processing.Rules;

/// <summary>
/// A pattern of values in UTF-8: <c>*</c> stands for any number of characters and <c>?</c> for one. All other characters, also <c>\</c>, stand for themselves.
/// Matching is case-sensitive.
/// </summary>
/// <remarks>
/// Immutable and thread-safe. It takes time proportional to the length of the text times the length of the pattern, at most: if a text between two stars is
/// found, it never helps to find it later, so only the last star is tried again.
/// </remarks>
internal sealed class Utf8Glob(string pattern)
{
    private const byte Star = (byte)'*';
    private const byte AnyCharacter = (byte)'?';

    private readonly byte[] _pattern = Encoding.UTF8.GetBytes(pattern);

    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> pattern = _pattern;
        int position = 0;
        int afterStar = -1;
        int starEnd = 0;
        int i = 0;
        while (position < text.Length)
        {
            if (i < pattern.Length && pattern[i] == Star)
            {
                afterStar = ++i;
                starEnd = position;
            }
            else if (i < pattern.Length && pattern[i] == AnyCharacter)
            {
                i++;
                position = Next(text, position);
            }
            else if (i < pattern.Length && pattern[i] == text[position])
            {
                i++;
                position++;
            }
            else if (afterStar >= 0)
            {
                // The last star stands for one character more.
                i = afterStar;
                starEnd = position = Next(text, starEnd);
            }
            else
            {
                return false;
            }
        }

        return pattern[i..].IndexOfAnyExcept(Star) < 0;
    }

    /// <summary>Returns the index of the next character.</summary>
    private static int Next(ReadOnlySpan<byte> text, int position)
    {
        do
        {
            position++;
        }
        while (position < text.Length && (text[position] & 0xC0) == 0x80);

        return position;
    }
}
