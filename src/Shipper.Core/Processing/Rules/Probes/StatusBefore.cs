using System.Buffers;

namespace Shipper.Processing.Rules.Probes;

/// <summary>
/// Reads a status that is in front of the request:
/// <code>
/// gin, Fiber: ... | 200 |   1.2ms | 10.0.0.1 | GET "/path"
/// Tornado:    ... 200 GET /path
/// HAProxy:    ... 0/0/0/1/1 200 120 - - ---- 1/1/0/0/0 0/0 "GET /path HTTP/1.1"
/// </code>
/// </summary>
internal static class StatusBefore
{
    private const int Timers = 5;
    private const int MaxColorLength = 16;

    private static readonly SearchValues<byte> TimerBytes = SearchValues.Create("0123456789/-+"u8);

    /// <summary>Reads the status.</summary>
    /// <param name="text">The text in front of the request.</param>
    public static void Read(ReadOnlySpan<byte> text, ref RequestFacts facts)
    {
        var words = new TextWords(text, 0);
        bool isExpected = false;
        int end = text.TrimEnd(" \t\"|"u8).Length;
        while (words.Read())
        {
            ReadOnlySpan<byte> behind = text[words.Position..];
            if (RequestFacts.IsStatus(words.Word)
                && (isExpected || words.Position == end || IsColumn(text[..(words.Position - words.Word.Length)], behind)))
            {
                facts.AddStatus(words.Word);
                return;
            }

            isExpected = IsTimers(words.Word);
        }
    }

    /// <summary>Returns true if there are bars around a word.</summary>
    private static bool IsColumn(ReadOnlySpan<byte> before, ReadOnlySpan<byte> behind)
    {
        ReadOnlySpan<byte> gap = before[(before.LastIndexOfAnyExcept(" \t"u8) + 1)..];
        before = before[..^gap.Length];
        var after = new TextWords(behind, 0);
        after.Read();
        ReadOnlySpan<byte> between = behind[..(after.Position - after.Word.Length)];

        // A color may be between the bar and the status.
        ReadOnlySpan<byte> color = before[Math.Max(0, before.Length - MaxColorLength)..];
        int escape = color.EndsWith("m"u8) ? color.LastIndexOf(TextWords.Escape) : -1;
        return (escape >= 0 ? color[..escape] : before).EndsWith("|"u8) && between.Contains((byte)'|');
    }

    /// <summary>Returns true for the timers of HAProxy: five numbers.</summary>
    private static bool IsTimers(ReadOnlySpan<byte> word) =>
        word.Count((byte)'/') == Timers - 1 && !word.ContainsAnyExcept(TimerBytes);
}
