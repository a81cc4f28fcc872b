namespace Shipper.Core.Tests.Journal;

/// <summary>A journal entry written by a test.</summary>
/// <param name="MonotonicUs">Microseconds since boot.</param>
/// <param name="Message">The message.</param>
internal sealed record WrittenEntry(long MonotonicUs, string Message)
{
    public string Unit { get; init; } = "live.service";

    public string Boot { get; init; } = "0123456789abcdef0123456789abcdef";

    /// <summary>The clock's time at boot, in microseconds since 1970.</summary>
    public long ClockUs { get; init; } = 1_795_000_000_000_000;

    /// <summary>Entries at intervals of one millisecond, with their numbers in the messages.</summary>
    public static IEnumerable<WrittenEntry> Numbered(int first, int count) => Enumerable.Range(first, count).Select(number => new WrittenEntry(number * 1000L, $"entry {number}"));
}
