using Shipper.Core.Tests.Support;
using Shipper.Journal;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Journal.Behaviour;

/// <summary>The node's clock is set while its journal is written.</summary>
public sealed class JournalClockTests : IDisposable
{
    private const string FirstBoot = "11111111111111111111111111111111";
    private const string SecondBoot = "22222222222222222222222222222222";
    private const long HourUs = 3_600_000_000;

    private readonly JournalFixture _journal = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _journal.Dispose();

    /// <summary>journald begins a new file when the clock is set back.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(-3000)]
    [InlineData(3000)]
    public async Task Follow_ClockIsSet_LosesAndRepeatsNothing(int hours)
    {
        using JournalReader sut = _journal.Open();
        await WriteAsync("system.journal", WrittenEntry.Numbered(0, 20));
        _journal.RefreshLater(sut);
        Assert.Equal(20, JournalFixture.ReadMessages(sut).Count);
        Archive(1);
        await WriteAsync("system.journal", WrittenEntry.Numbered(20, 20).Select(entry => Set(entry, hours)), "system@1.journal", 20);
        _journal.RefreshLater(sut);

        Assert.Equal(Numbers(20, 20), JournalFixture.ReadMessages(sut));
        for (int i = 0; i < 4; i++)
        {
            _journal.RefreshLater(sut);
            Assert.False(sut.TryRead(out _));
            Assert.Empty(sut.Problems);
        }
    }

    [Theory]
    [InlineData(-3000)]
    [InlineData(3000)]
    public async Task Restart_ClockWasSet_LosesAndRepeatsNothing(int hours)
    {
        await WriteAsync("system.journal", WrittenEntry.Numbered(0, 20));
        Archive(1);
        await WriteAsync("system.journal", WrittenEntry.Numbered(20, 20).Select(entry => Set(entry, hours)), "system@1.journal", 20);
        foreach (int read in (int[])[5, 20, 25, 40])
        {
            using JournalReader first = _journal.Open();
            Assert.Equal(Numbers(0, read), JournalFixture.ReadMessages(first, limit: read));
            using JournalReader sut = _journal.Open(first.GetCursor());

            Assert.Equal(Numbers(read, 40 - read), JournalFixture.ReadMessages(sut));
            for (int i = 0; i < 4; i++)
            {
                _journal.RefreshLater(sut);
                Assert.False(sut.TryRead(out _));
                Assert.Empty(sut.Problems);
            }
        }
    }

    /// <summary>
    /// The agent asks for unconfirmed entries up to the newest time among them, though the last entry has an older one. The path of another directory begins
    /// with the same text.
    /// </summary>
    [Fact]
    public async Task Restart_ClockWasSetBackDuringALostPush_SendsNothingTwice()
    {
        using var state = new TemporaryDirectory(isInMemory: true);
        var loki = new JournalLoki { WithholdsAnswers = true, StoresWithheld = true };
        await WriteAsync("node.space/system@1.journal", WrittenEntry.Numbered(0, 20));
        await WriteAsync("node.space/system.journal", WrittenEntry.Numbered(20, 20).Select(entry => Set(entry, hours: -1)), "node.space/system@1.journal", 20);
        using (JournalRun first = Start())
        {
            first.TurnUntilQuiet();
            Assert.Equal(40, loki.Stored.Count);
        }

        loki.WithholdsAnswers = false;
        using JournalRun second = Start();
        second.TurnUntilQuiet();

        Assert.Equal(Numbers(0, 40), loki.Stored.Select(entry => entry.Line));

        JournalRun Start() => new(
            new JournalOptions { Directories = [Path.Combine(_journal.Path, "node"), Path.Combine(_journal.Path, "node.space")], Since = TimeSpan.FromDays(365 * 100) },
            512 * 1024, state, "boot", loki, _journal.Time, new AgentMetrics());
    }

    /// <summary>A machine without a battery-backed clock starts each boot with the last time it knew.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restart_ClockIsBehindAfterAReboot_ReadsTheEarlyEntries(bool isKept)
    {
        await WriteAsync("system.journal", WrittenEntry.Numbered(0, 40).Select(entry => entry with { Boot = FirstBoot }));
        string? cursor;
        using (JournalReader first = _journal.Open(boot: FirstBoot))
        {
            Assert.Equal(30, JournalFixture.ReadMessages(first, limit: 30).Count);
            cursor = first.GetCursor();
        }

        if (isKept)
        {
            Archive(1);
        }
        else
        {
            File.Delete(Path.Combine(_journal.Path, "system.journal"));
        }

        IEnumerable<WrittenEntry> early = WrittenEntry.Numbered(100, 10).Select(entry => Set(entry, -5) with { Boot = SecondBoot });
        IEnumerable<WrittenEntry> later = WrittenEntry.Numbered(110, 10).Select(entry => entry with { Boot = SecondBoot });
        await WriteAsync("system.journal", early.Concat(later));
        using JournalReader sut = _journal.Open(cursor, boot: SecondBoot);

        Assert.Equal(Numbers(isKept ? 30 : 100, isKept ? 10 : 0).Concat(Numbers(100, 20)).Order(StringComparer.Ordinal), JournalFixture.ReadMessages(sut).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(number => $"entry {number}");

    private static WrittenEntry Set(WrittenEntry entry, int hours) => entry with { ClockUs = entry.ClockUs + (hours * HourUs) };

    private async Task WriteAsync(string name, IEnumerable<WrittenEntry> entries, string? before = null, ulong shift = 0)
    {
        string path = Path.Combine(_journal.Path, name);
        await JournalWriter.AppendAsync(path, entries, Cancellation);
        if (before is not null)
        {
            JournalSequenceNumbers.Continue(path, Path.Combine(_journal.Path, before), shift);
        }
    }

    private void Archive(int number) => File.Move(Path.Combine(_journal.Path, "system.journal"), Path.Combine(_journal.Path, $"system@{number}.journal"));
}
