using System.Text;
using Shipper.Processing.Patterns;

namespace Shipper.Processing.Multiline;

/// <summary>
/// Joins lines by a regex that matches the first line of each record, or the other lines. The regex sees the first 1,024 bytes of a line, so <c>$</c> also
/// matches there in a longer line.
/// </summary>
internal sealed class PatternRule : GroupRule
{
    private const int MaxBytes = 1024;
    private const int IsOpen = 1;

    [ThreadStatic]
    private static char[]? _chars;

    private readonly TextPattern _pattern;
    private readonly bool _isStart;

    /// <param name="pattern">A regex of .NET, without constructs that need backtracking.</param>
    /// <param name="isStart">True if a line that matches begins a record; false if it continues one.</param>
    /// <param name="isFromPod">True to bound what the regex costs.</param>
    /// <exception cref="ArgumentException">The pattern is not valid.</exception>
    /// <exception cref="NotSupportedException">The pattern needs backtracking.</exception>
    public PatternRule(string pattern, bool isStart, bool isFromPod = false)
    {
        _pattern = new TextPattern(pattern, isFromPod);
        _isStart = isStart;
    }

    public override LineRole Classify(ReadOnlySpan<byte> line, ref GroupState state, in OutputMemory memory)
    {
        bool isMatch = _pattern.IsMatch(Decode(line));
        if (state.Automata != 0 && isMatch != _isStart)
        {
            return CauseText.IsCause(line) ? LineRole.JoinCause : LineRole.Join;
        }

        // Nothing is known of lines before the first start: each is a record.
        bool isSingle = _isStart && !isMatch;
        state = default;
        state.Automata = isSingle ? 0 : IsOpen;
        return isSingle ? LineRole.Single : LineRole.Begin;
    }

    /// <summary>Decodes the beginning of a line. Invalid UTF-8 becomes U+FFFD.</summary>
    private static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> line)
    {
        char[] chars = _chars ??= new char[MaxBytes];
        if (line.Length > MaxBytes)
        {
            // Don't cut a character: its first byte is at most three bytes back.
            int end = MaxBytes;
            while (end > MaxBytes - 3 && (line[end] & 0xC0) == 0x80)
            {
                end--;
            }

            line = line[..end];
        }

        return chars.AsSpan(0, Encoding.UTF8.GetChars(line, chars));
    }
}
