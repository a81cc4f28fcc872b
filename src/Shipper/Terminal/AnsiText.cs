using System.Text;

namespace Shipper.Terminal;

/// <summary>Removes the colors of a log line.</summary>
internal static class AnsiText
{
    /// <summary>Returns the text without sequences <c>ESC [ digits and semicolons m</c>. Other control characters stay, and are shown as escapes later.</summary>
    public static string Strip(string text)
    {
        if (!text.Contains('\e', StringComparison.Ordinal))
        {
            return text;
        }

        var stripped = new StringBuilder(text.Length);
        int next = 0;
        while (next < text.Length)
        {
            int end = next + 2;
            if (text[next] == '\e' && end <= text.Length && text[next + 1] == '[')
            {
                while (end < text.Length && text[end] is (>= '0' and <= '9') or ';' or ':')
                {
                    end++;
                }

                if (end < text.Length && text[end] == 'm')
                {
                    next = end + 1;
                    continue;
                }
            }

            stripped.Append(text[next++]);
        }

        return stripped.ToString();
    }
}
