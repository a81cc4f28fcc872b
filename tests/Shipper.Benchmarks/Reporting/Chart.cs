using System.Globalization;
using System.Security;
using System.Text;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Reporting;

/// <summary>Draws the lines per CPU second and the peak memory of each agent as a bar chart in SVG, readable on light and dark pages.</summary>
internal static class Chart
{
    private const int Width = 760;
    private const int NameWidth = 150;
    private const int ValueWidth = 110;
    private const int RowHeight = 26;
    private const int BarHeight = 16;
    private const int TitleHeight = 34;

    public static string Draw(IReadOnlyList<TrialResult> trials)
    {
        int groupHeight = TitleHeight + (trials.Count * RowHeight);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{Width}} {{(2 * groupHeight) + 12}}" role="img" aria-label="Lines per CPU second and peak memory of each agent">
            <style>
            text { font: 13px system-ui, sans-serif; fill: #1f2328 }
            .title { font-weight: 600 }
            .value { font-variant-numeric: tabular-nums }
            rect { fill: #8c959f }
            .ours { fill: #0969da }
            @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } rect { fill: #7d8590 } .ours { fill: #4493f8 } }
            </style>

            """);
        DrawGroup(svg, 0, "Lines per CPU second (more is better)", trials, trial => trial.LinesPerCpuSecond, "N0");
        DrawGroup(svg, groupHeight, "Peak resident memory, MiB (less is better)", trials, trial => trial.PeakMiB, "N1");
        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawGroup(StringBuilder svg, int top, string title, IReadOnlyList<TrialResult> trials, Func<TrialResult, double> value, string format)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"title\" x=\"0\" y=\"{top + 22}\">{title}</text>\n");
        double most = trials.Select(value).DefaultIfEmpty(1).Max();
        for (int row = 0; row < trials.Count; row++)
        {
            int y = top + TitleHeight + (row * RowHeight);
            double bar = Math.Max(1, (Width - NameWidth - ValueWidth) * value(trials[row]) / most);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{y + 13}\">{SecurityElement.Escape(trials[row].Agent)}</text>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<rect{(row == 0 ? " class=\"ours\"" : "")} x=\"{NameWidth}\" y=\"{y}\" width=\"{bar:0.0}\" height=\"{BarHeight}\" rx=\"2\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"value\" x=\"{NameWidth + bar + 6:0.0}\" y=\"{y + 13}\">{value(trials[row]).ToString(format, CultureInfo.InvariantCulture)}</text>\n");
        }
    }
}
