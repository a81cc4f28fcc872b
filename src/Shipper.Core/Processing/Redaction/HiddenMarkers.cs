namespace Shipper.Processing.Redaction;

/// <summary>
/// Hides what earlier rules have put in (<see cref="RedactMarker"/>) from the patterns of the configuration: no pattern finds a word in it, but one that matches
/// anything, such as <c>account .*</c>, reaches over it.
/// </summary>
internal static class HiddenMarkers
{
    /// <summary>Neither a letter, a digit, a space nor a sign: Unicode has no character with this number, and never will.</summary>
    private const char Hidden = '\uFDD0';

    /// <summary>Replaces each character of the markers.</summary>
    /// <param name="markers">The markers that are hidden. Others are ordinary text, which a program has written.</param>
    public static void Hide(Span<char> text, string[] markers)
    {
        for (int from = 0, index; (index = text[from..].IndexOf(RedactMarker.Start)) >= 0;)
        {
            from += index;
            int length = LengthAt(text[from..], markers);
            text.Slice(from, length).Fill(Hidden);
            from += Math.Max(length, RedactMarker.Start.Length);
        }
    }

    /// <summary>Extends a match by the markers that it touches with its ends.</summary>
    /// <param name="start">Index of the match; the earlier matches are before it.</param>
    /// <param name="end">Index after it.</param>
    /// <returns>False if the match is nothing but a part of markers.</returns>
    public static bool TryExtend(ReadOnlySpan<char> text, ref int start, ref int end)
    {
        if (!text[start..end].ContainsAnyExcept(Hidden))
        {
            return false;
        }

        while (text[start] == Hidden && start > 0 && text[start - 1] == Hidden)
        {
            start--;
        }

        while (text[end - 1] == Hidden && end < text.Length && text[end] == Hidden)
        {
            end++;
        }

        return true;
    }

    private static int LengthAt(ReadOnlySpan<char> text, string[] markers)
    {
        foreach (string marker in markers)
        {
            if (text.StartsWith(marker))
            {
                return marker.Length;
            }
        }

        return 0;
    }
}
