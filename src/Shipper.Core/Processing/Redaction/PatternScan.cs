using System.Text;
using System.Text.RegularExpressions;
using Shipper.Telemetry;

namespace Shipper.Processing.Redaction;

/// <summary>Removes what the patterns of the configuration match, one pattern after the other.</summary>
internal sealed class PatternScan
{
    private readonly Regex[] _patterns;
    private readonly RedactName[] _names;

    /// <exception cref="ArgumentException">A pattern is not a regex, or can't be matched without backtracking.</exception>
    public PatternScan(List<RedactPattern> patterns)
    {
        _patterns = new Regex[patterns.Count];
        for (int i = 0; i < patterns.Count; i++)
        {
            try
            {
                _patterns[i] = new Regex(patterns[i].Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (NotSupportedException exception)
            {
                throw new ArgumentException($"pattern {patterns[i].Name}: {exception.Message}", nameof(patterns), exception);
            }
        }

        _names = [.. patterns.Select((pattern, i) => new RedactName(pattern.Name, RedactName.BuiltIn.Length + i, pattern.IsFromPod ? DropReasons.Annotation : null))];
    }

    /// <summary>The names of the patterns.</summary>
    public IReadOnlyList<RedactName> Names => _names;

    /// <summary>Removes the matches. Decodes the text once, and again behind each pattern that changed it.</summary>
    public void Run(ref RedactText text)
    {
        ReadOnlySpan<char> chars = text.Decode();
        for (int i = 0; i < _patterns.Length; i++)
        {
            if (Remove(ref text, chars, _patterns[i], _names[i]) && i < _patterns.Length - 1)
            {
                chars = text.Decode();
            }
        }
    }

    private static bool Remove(ref RedactText text, ReadOnlySpan<char> chars, Regex pattern, RedactName name)
    {
        int position = 0;
        int charPosition = 0;
        bool isFound = false;
        foreach (ValueMatch match in pattern.EnumerateMatches(chars))
        {
            if (match.Length == 0 || IsInMarker(chars, match.Index, match.Length))
            {
                continue;
            }

            Advance(text.Text, ref position, ref charPosition, match.Index, pastMiddle: false);
            int start = position;
            Advance(text.Text, ref position, ref charPosition, match.Index + match.Length, pastMiddle: true);
            text.Replace(start, position, name);
            isFound = true;
        }

        if (isFound)
        {
            text.EndPass();
        }

        return isFound;
    }

    /// <summary>Moves to the byte of a character, as <see cref="StageContext.Decode"/> decodes them.</summary>
    /// <param name="pastMiddle">True to move behind a character if the place is between its two UTF-16 units.</param>
    private static void Advance(ReadOnlySpan<byte> text, ref int position, ref int charPosition, int target, bool pastMiddle)
    {
        while (charPosition < target && position < text.Length)
        {
            Rune.DecodeFromUtf8(text[position..], out Rune rune, out int consumed);
            if (charPosition + rune.Utf16SequenceLength > target && !pastMiddle)
            {
                break;
            }

            position += consumed;
            charPosition += rune.Utf16SequenceLength;
        }
    }

    /// <summary>Returns true if a match is, or touches, what an earlier rule has put in: redacting again must change nothing.</summary>
    private static bool IsInMarker(ReadOnlySpan<char> text, int index, int length)
    {
        const string MarkerStart = "[redacted:";
        const int MaxMarkerChars = 80;
        int first = Math.Max(0, index - MaxMarkerChars);
        int last = Math.Min(text.Length, index + length + MarkerStart.Length - 1);
        int marker = text[first..last].LastIndexOf(MarkerStart);
        if (marker < 0)
        {
            return false;
        }

        ReadOnlySpan<char> rest = text[(first + marker)..];
        int end = rest[..Math.Min(rest.Length, MaxMarkerChars)].IndexOf(']');
        return end >= 0 && first + marker + end >= index;
    }
}
