using Shipper.Core.Tests.Support;
using Shipper.Journal;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Journal;

/// <summary>journald copies its volatile journal to the disk and empties the volatile directory.</summary>
public sealed class CopyDetectorTests : IDisposable
{
    private const string Machine = "00112233445566778899aabbccddeeff";
    private const string Hot = "{cluster=\"c\", job=\"systemd-journal\", unit=\"hot.service\"}";

    private readonly JournalFixture _journal = new();
    private readonly TemporaryDirectory _state = new(isInMemory: true);
    private readonly AgentMetrics _metrics = new();
    private readonly JournalLoki _loki = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Run => Path.Combine(_journal.Path, "run");

    private string Var => Path.Combine(_journal.Path, "var");

    private string Volatile => Path.Combine(Run, Machine, "system.journal");

    private string Persistent => Path.Combine(Var, Machine, "system.journal");

    public void Dispose()
    {
        _journal.Dispose();
        _state.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Flush_WhileTheJournalIsRead_SendsNothingTwice(bool isVolatileFirst, bool isEmptied)
    {
        using JournalRun sut = Start(isVolatileFirst);
        await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(0, 50), Cancellation);
        sut.TurnUntilQuiet();
        Assert.Equal(50, _loki.Stored.Count);

        // The reader sees the copies before the directory is emptied, and new entries after them.
        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(0, 40), Cancellation);
        TurnLater(sut);
        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(40, 10), Cancellation);
        if (isEmptied)
        {
            Directory.Delete(Run, recursive: true);
        }

        TurnLater(sut);
        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(50, 20), Cancellation);
        TurnLater(sut);

        AssertEachOnce(70);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flush_WhileTheAgentIsStopped_SendsOnlyNewEntries(bool isEmptied)
    {
        await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(0, 50), Cancellation);
        using (JournalRun first = Start())
        {
            first.TurnUntilQuiet();
        }

        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(0, 80), Cancellation);
        await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(50, 20), Cancellation);
        if (isEmptied)
        {
            Directory.Delete(Run, recursive: true);
        }

        using JournalRun second = Start();
        second.TurnUntilQuiet();
        TurnLater(second);

        AssertEachOnce(80);
    }

    /// <summary>The persistent journal was read before: the copied entries come after its position.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flush_Repeatedly_SendsNothingTwice(bool isAway)
    {
        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(0, 20), Cancellation);
        JournalRun sut = Start();
        try
        {
            sut.TurnUntilQuiet();
            for (int i = 1; i < 4; i++)
            {
                await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(i * 20, 10), Cancellation);
                TurnLater(sut);
                if (isAway)
                {
                    sut.Dispose();
                }

                await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(i * 20, 20), Cancellation);
                Directory.Delete(Run, recursive: true);
                sut = isAway ? Start() : sut;
                TurnLater(sut);
            }
        }
        finally
        {
            sut.Dispose();
        }

        AssertEachOnce(80);
    }

    /// <summary>journald can't empty the directory, continues to write there, and copies everything again at its next restart.</summary>
    [Fact]
    public async Task Flush_DirectoryIsNotEmptied_RecognizesRepeatedCopies()
    {
        JournalRun sut = Start();
        try
        {
            for (int i = 0; i < 3; i++)
            {
                await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(i * 10, 10), Cancellation);
                TurnLater(sut);
                sut.Dispose();
                sut = Start();
                await JournalWriter.AppendAsync(Path.Combine(Var, Machine, $"system@{i}.journal"), WrittenEntry.Numbered(0, (i + 1) * 10), Cancellation);
                TurnLater(sut);
            }
        }
        finally
        {
            sut.Dispose();
        }

        AssertEachOnce(30);
    }

    /// <summary>All entries that journald receives at once have the same time, and some of them may be equal.</summary>
    [Theory]
    [InlineData(false, 7)]
    [InlineData(true, 7)]
    [InlineData(true, 1)]
    [InlineData(true, 20)]
    public async Task Flush_InTheMiddleOfABurst_SendsTheRestOfIt(bool isAway, int read)
    {
        WrittenEntry[] burst = [.. Enumerable.Range(0, 20).Select(number => new WrittenEntry(5000, number % 3 == 0 ? "again" : $"line {number}"))];
        await JournalWriter.AppendAsync(Volatile, burst[..read], Cancellation);
        JournalRun sut = Start();
        try
        {
            sut.TurnUntilQuiet();
            if (isAway)
            {
                sut.Dispose();
            }

            await JournalWriter.AppendAsync(Persistent, burst, Cancellation);
            Directory.Delete(Run, recursive: true);
            sut = isAway ? Start() : sut;
            TurnLater(sut);
        }
        finally
        {
            sut.Dispose();
        }

        Assert.Equal(burst.Select(entry => entry.Message), _loki.Stored.Select(entry => entry.Line));
        Assert.Equal(Enumerable.Range(0, 20).Select(number => _loki.Stored[0].TimestampNs + number), _loki.Stored.Select(entry => entry.TimestampNs));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flush_CopiesHaveNewSequenceNumbers_CountsNoneAsMissing(bool isAllRead)
    {
        // As in systemd 254 and later: 30 sequence numbers of the volatile journal are between those of the persistent one, and the copies have different ones.
        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(0, 10), Cancellation);
        using JournalRun sut = Start();
        sut.TurnUntilQuiet();
        await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(10, isAllRead ? 30 : 15), Cancellation);
        JournalSequenceNumbers.Continue(Volatile, Persistent, 10);
        TurnLater(sut);
        string copies = Path.Combine(Var, Machine, "copies.journal");
        await JournalWriter.AppendAsync(copies, WrittenEntry.Numbered(10, 40), Cancellation);
        JournalSequenceNumbers.Continue(copies, Persistent, 40);
        Directory.Delete(Run, recursive: true);
        TurnLater(sut);
        sut.Source.Maintain();

        AssertEachOnce(50);
        Assert.Equal(0, _metrics.JournalMissingEntries.Get());
    }

    [Fact]
    public async Task Flush_AgentStoppedForLongerThanSince_LosesNothing()
    {
        await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(0, 10), Cancellation);
        _journal.Time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(1_795_000_000).AddMinutes(1));
        using (JournalRun first = Start(since: TimeSpan.FromHours(1)))
        {
            first.TurnUntilQuiet();
        }

        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(0, 30), Cancellation);
        Directory.Delete(Run, recursive: true);
        _journal.Time.Advance(TimeSpan.FromHours(10));
        using JournalRun second = Start(since: TimeSpan.FromHours(1));
        second.TurnUntilQuiet();

        AssertEachOnce(30);
    }

    /// <summary>The agent was killed during a push: it asks Loki for these entries, although they are in another file now.</summary>
    [Fact]
    public async Task Flush_ResponseWasLost_AsksLokiBeforeResending()
    {
        await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(0, 40), Cancellation);
        using (JournalRun first = Start(batchBytes: 400))
        {
            first.TurnOnce();
            _loki.WithholdsAnswers = true;
            _loki.StoresWithheld = true;
            first.TurnUntilQuiet();
            Assert.InRange(_loki.Stored.Count, 2, 38);
        }

        _loki.WithholdsAnswers = false;
        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(0, 60), Cancellation);
        Directory.Delete(Run, recursive: true);
        using JournalRun second = Start();
        second.TurnUntilQuiet();

        AssertEachOnce(60);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flush_UnitIsRefusedMeanwhile_SendsItsEntriesOnce(bool isKilled)
    {
        static IEnumerable<WrittenEntry> Two(int first, int count) => WrittenEntry.Numbered(first, count).Select((entry, i) => i % 2 == 0 ? entry : entry with { Unit = "hot.service" });
        await JournalWriter.AppendAsync(Volatile, Two(0, 20), Cancellation);
        JournalRun sut = Start();
        try
        {
            sut.TurnUntilQuiet();
            _loki.RefusedStream = Hot;
            await JournalWriter.AppendAsync(Volatile, Two(20, 20), Cancellation);
            TurnLater(sut);
            if (isKilled)
            {
                sut.Dispose();
            }

            await JournalWriter.AppendAsync(Persistent, Two(0, 60), Cancellation);
            Directory.Delete(Run, recursive: true);
            sut = isKilled ? Start() : sut;
            TurnLater(sut);
            Assert.Equal(30, _loki.Stored.Count(entry => entry.Labels != Hot));
            _loki.RefusedStream = null;
            for (int i = 0; i < 10; i++)
            {
                TurnLater(sut);
            }

            await JournalWriter.AppendAsync(Persistent, Two(60, 20), Cancellation);
            TurnLater(sut);
        }
        finally
        {
            sut.Dispose();
        }

        AssertEachOnce(80, isOrdered: false);
    }

    /// <summary>Two journals of one boot may be independent, as those of namespaces are.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Turn_DifferentEntriesOfTheSameTimes_SendsAll(bool isGone)
    {
        await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(0, 30).Select(entry => entry with { Unit = "a.service" }), Cancellation);
        using JournalRun sut = Start(isVolatileFirst: true);
        sut.TurnUntilQuiet();
        if (isGone)
        {
            Directory.Delete(Run, recursive: true);
        }

        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(0, 30).Select(entry => entry with { Unit = "b.service" }), Cancellation);
        TurnLater(sut);

        Assert.Equal(60, _loki.Stored.Distinct().Count());
        Assert.Equal(60, _loki.Stored.Count);
    }

    /// <summary>An earlier version wrote the checkpoint, which contains only the library's cursor.</summary>
    [Fact]
    public async Task Flush_CheckpointOfAnEarlierVersion_SendsNothingTwice()
    {
        await JournalWriter.AppendAsync(Volatile, WrittenEntry.Numbered(0, 50), Cancellation);
        using (JournalRun first = Start())
        {
            first.TurnUntilQuiet();
            first.Rewrite(JournalCursor.ForLibrary);
        }

        using JournalRun sut = Start();
        TurnLater(sut);
        await JournalWriter.AppendAsync(Persistent, WrittenEntry.Numbered(0, 80), Cancellation);
        Directory.Delete(Run, recursive: true);
        TurnLater(sut);

        AssertEachOnce(80);
    }

    private void TurnLater(JournalRun run)
    {
        _journal.Time.Advance(TimeSpan.FromMinutes(2));
        run.TurnUntilQuiet();
    }

    private void AssertEachOnce(int count, bool isOrdered = true)
    {
        IEnumerable<string> expected = Enumerable.Range(0, count).Select(number => $"entry {number}");
        IEnumerable<string> stored = _loki.Stored.Select(entry => entry.Line);
        Assert.Equal(isOrdered ? expected : expected.Order(StringComparer.Ordinal), isOrdered ? stored : stored.Order(StringComparer.Ordinal));
    }

    private JournalRun Start(bool isVolatileFirst = false, TimeSpan? since = null, long batchBytes = 512 * 1024)
    {
        var options = new JournalOptions { Directories = isVolatileFirst ? [Run, Var] : [Var, Run], Since = since ?? TimeSpan.FromDays(365 * 100) };
        return new JournalRun(options, batchBytes, _state, "boot", _loki, _journal.Time, _metrics);
    }
}
