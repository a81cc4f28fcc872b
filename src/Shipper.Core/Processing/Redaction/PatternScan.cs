using System.Text;
using System.Text.RegularExpressions;
using Shipper.Processing.Patterns;
using Shipper.Telemetry;

namespace Shipper.Processing.Redaction;

/// <summary>Removes what the patterns of the configuration match, one pattern after the other.</summary>
internal sealed class PatternScan
{
    [ThreadStatic]
    private static bool[]? _starts;

    private readonly Regex?[] _patterns;
    private readonly BoundedPattern?[] _bounded;
    private readonly RedactName[] _names;
    private readonly string[] _markers;

    /// <exception cref="ArgumentException">A pattern is not a regex, or can't be matched without backtracking.</exception>
    public PatternScan(List<RedactPattern> patterns)
    {
        _patterns = new Regex?[patterns.Count];
        _bounded = new BoundedPattern?[patterns.Count];
        for (int i = 0; i < patterns.Count; i++)
        {
            try
            {
                _bounded[i] = patterns[i].IsFromPod ? PodPatterns.OfNode.Get(patterns[i].Pattern, findsAll: true) : null;
                _patterns[i] = _bounded[i] is null ? new Regex(patterns[i].Pattern, TextPattern.Options) : null;
            }
            catch (NotSupportedException exception)
            {
                throw new ArgumentException($"pattern {patterns[i].Name}: {exception.Message}", nameof(patterns), exception);
            }
        }

        _names = [.. patterns.Select((pattern, i) => new RedactName(pattern.Name, RedactName.BuiltIn.Length + i, pattern.IsFromPod ? DropReasons.Annotation : null))];
        _markers = [.. RedactName.BuiltIn.Concat(_names).Select(name => Encoding.UTF8.GetString(name.Marker))];
    }

    /// <summary>The names of the patterns.</summary>
    public IReadOnlyList<RedactName> Names => _names;

    /// <summary>Removes the matches. Decodes the text once, and again behind each pattern that changed it.</summary>
    public void Run(ref RedactText text)
    {
        ReadOnlySpan<char> chars = Decode(in text);
        for (int i = 0; i < _patterns.Length; i++)
        {
            bool isFound = _bounded[i] is { } bounded ? Remove(ref text, chars, bounded, _names[i]) : Remove(ref text, chars, _patterns[i]!, _names[i]);
            if (isFound && i < _patterns.Length - 1)
            {
                chars = Decode(in text);
            }
        }
    }

    private ReadOnlySpan<char> Decode(scoped in RedactText text)
    {
        Span<char> chars = text.Decode();
        HiddenMarkers.Hide(chars, _markers);
        return chars;
    }

    private static bool Remove(ref RedactText text, ReadOnlySpan<char> chars, Regex pattern, RedactName name)
    {
        int position = 0;
        int charPosition = 0;
        bool isFound = false;
        foreach (ValueMatch match in pattern.EnumerateMatches(chars))
        {
            isFound |= match.Length > 0 && Replace(ref text, chars, ref position, ref charPosition, match.Index, match.Length, name);
        }

        if (isFound)
        {
            text.EndPass();
        }

        return isFound;
    }

    private static bool Remove(ref RedactText text, ReadOnlySpan<char> chars, BoundedPattern pattern, RedactName name)
    {
        if (_starts is null || _starts.Length < chars.Length)
        {
            _starts = new bool[Math.Max(chars.Length, 2 * (_starts?.Length ?? 0))];
        }

        int position = 0;
        int charPosition = 0;
        bool isFound = false;
        if (pattern.TryFindStarts(chars, _starts))
        {
            int steps = BoundedPattern.StepsFor(chars.Length);
            for (int from = 0; pattern.TryFindNext(chars, _starts, from, ref steps, out int index, out int length); from = index + length)
            {
                isFound |= Replace(ref text, chars, ref position, ref charPosition, index, length, name);
            }
        }

        if (isFound)
        {
            text.EndPass();
        }

        return isFound;
    }

    /// <summary>Replaces a match with the markers of earlier rules that it touches, unless it is a part of them.</summary>
    private static bool Replace(ref RedactText text, ReadOnlySpan<char> chars, ref int position, ref int charPosition, int index, int length, RedactName name)
    {
        int end = index + length;
        if (!HiddenMarkers.TryExtend(chars, ref index, ref end))
        {
            return false;
        }

        Advance(text.Text, ref position, ref charPosition, index, pastMiddle: false);
        int start = position;
        Advance(text.Text, ref position, ref charPosition, end, pastMiddle: true);
        text.Replace(start, position, name);
        return true;
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
}
