using System.Buffers;
using System.Text.Unicode;

namespace Shipper.Content;

/// <summary>Distinguishes text from the bytes that a program overwrites a file with before deleting it (logrotate's shred).</summary>
internal static class OverwriteDetector
{
    private const int MinBytes = 16;

    // A log may have a few control characters: colors, form feeds, NULs left by a power loss.
    private const int MinShareOfControls = 50;

    private static readonly SearchValues<byte> Controls = SearchValues.Create([1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 127]);

    /// <summary>Returns true if the beginning of a file is not text in any encoding that logs have.</summary>
    public static bool IsOverwritten(ReadOnlySpan<byte> head)
    {
        if (head.Length < MinBytes || head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || Utf8.IsValid(head[..^3]))
        {
            return false;
        }

        int controls = 0;
        foreach (byte value in head)
        {
            controls += Controls.Contains(value) ? 1 : 0;
        }

        return controls * MinShareOfControls >= head.Length || !head.ContainsAnyExcept(head[0]);
    }
}
