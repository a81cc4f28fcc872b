using System.Text;

namespace Shipper.Terminal;

/// <summary>Shows of which levels the records of a log are: a letter for each share of them, the worst first.</summary>
internal static class LevelBar
{
    private static readonly (string Level, char Letter)[] Levels =
        [("critical", 'C'), ("fatal", 'F'), ("error", 'E'), ("warn", 'W'), ("info", 'i'), ("debug", 'd'), ("trace", 't'), ("none", '·')];

    /// <summary>Draws the bar. A level that occurs has at least one letter.</summary>
    /// <param name="columns">Number of letters.</param>
    public static string Draw(IReadOnlyDictionary<string, long> levels, int columns, Style style)
    {
        long total = levels.Values.Sum();
        if (total == 0)
        {
            return "";
        }

        var bar = new StringBuilder();
        int left = columns;
        int occurring = Levels.Count(level => levels.GetValueOrDefault(level.Level) > 0);
        foreach ((string level, char letter) in Levels)
        {
            if (levels.GetValueOrDefault(level) is > 0 and var count)
            {
                occurring--;
                int letters = occurring == 0 ? left : Math.Clamp((int)Math.Round((double)count / total * columns), 1, Math.Max(1, left - occurring));
                left -= letters;
                bar.Append(style.Level(level, new string(letter, Math.Max(0, letters))));
            }
        }

        return bar.ToString();
    }
}
