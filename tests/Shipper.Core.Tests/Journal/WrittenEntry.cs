namespace Shipper.Core.Tests.Journal;

/// <summary>An entry of a journal that a test writes.</summary>
/// <param name="MonotonicUs">Microseconds since the boot.</param>
/// <param name="Message">Its text.</param>
internal sealed record WrittenEntry(long MonotonicUs, string Message)
{
    public string Unit { get; init; } = "live.service";

    public string Boot { get; init; } = "0123456789abcdef0123456789abcdef";

    /// <summary>What the clock said when the machine booted, in microseconds since 1970.</summary>
    public long ClockUs { get; init; } = 1_795_000_000_000_000;

    /// <summary>Entries a millisecond apart, with their numbers as messages.</summary>
    public static IEnumerable<WrittenEntry> Numbered(int first, int count) => Enumerable.Range(first, count).Select(number => new WrittenEntry(number * 1000L, $"entry {number}"));
}
