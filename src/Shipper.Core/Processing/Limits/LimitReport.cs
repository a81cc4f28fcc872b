using System.Globalization;
using System.Text;
using Shipper.Records;

namespace Shipper.Processing.Limits;

/// <summary>
/// The record that tells the readers of a log what a limit did to it, for example
/// <c>shipper: 1234 lines (5.2 MiB) dropped in 60 s: limit noisy (1 MiB/s, 5000 lines/s)</c>. It comes once a minute, while records are over the limit,
/// and once more if no record follows.
/// </summary>
internal sealed class LimitReport(LimitOptions options)
{
    private const long PeriodNs = 60L * 1_000_000_000;

    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>
    /// Writes the report, if the first record over the limit came at least a minute before a record with this time. What is counted in memory begins again.
    /// </summary>
    /// <param name="timestampNs">Time of a record, before the limit is applied to it. So all counted records came in one minute.</param>
    /// <param name="target">Receives the text, or as much of it as there is room for.</param>
    /// <param name="length">Receives the length of the text in bytes.</param>
    /// <returns>False if no report is due.</returns>
    public bool TryTake(ref LimitMemory memory, long timestampNs, Span<byte> target, out int length)
    {
        length = 0;
        if (memory.Records == 0 || LimitClock.Subtract(timestampNs, memory.SinceNs) < PeriodNs)
        {
            return false;
        }

        length = Utf8Text.Cut(Encoding.UTF8.GetBytes(Take(ref memory)), hasMore: false, target, out _);
        return true;
    }

    /// <summary>Returns the report without waiting for a record after the minute. What is counted in memory begins again.</summary>
    /// <returns>False if nothing was counted.</returns>
    public bool TryTakeLast(ref LimitMemory memory, out string text)
    {
        text = memory.Records == 0 ? "" : Take(ref memory);
        return text.Length > 0;
    }

    private static string FormatSize(long bytes)
    {
        int unit = 0;
        decimal size = bytes;
        for (; size >= 1024 && unit < Units.Length - 1; size /= 1024)
        {
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {Units[unit]}");
    }

    private string Take(ref LimitMemory memory)
    {
        string text = Describe(in memory);
        memory.Records = 0;
        memory.Bytes = 0;
        memory.SinceNs = 0;
        return text;
    }

    // Allocates, but only once a minute.
    private string Describe(in LimitMemory memory)
    {
        string unit = memory.Records == 1 ? "line" : "lines";
        string counted = string.Create(CultureInfo.InvariantCulture, $"{memory.Records} {unit} ({FormatSize(memory.Bytes)})");
        string what = options.Over == OverLimit.Slow ? "read later" : "dropped";
        string bytes = options.Bytes > 0 ? $"{FormatSize(options.Bytes)}/s" : "";
        string lines = options.Lines > 0 ? string.Create(CultureInfo.InvariantCulture, $"{options.Lines} lines/s") : "";
        string separator = bytes.Length > 0 && lines.Length > 0 ? ", " : "";
        return $"shipper: {counted} {what} in 60 s: limit {options.Name} ({bytes}{separator}{lines})";
    }
}
