using System.Globalization;
using Shipper.Core.Tests.Delivery;
using Shipper.Core.Tests.Support;
using Shipper.Journal;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Telemetry;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Journal.Behaviour;

/// <summary>The clock of the journal's node, or Loki's clock, is wrong: each entry arrives once, even if the agent is killed in between.</summary>
public sealed class JournalRetimingTests : IDisposable
{
    private const int Entries = 400;

    private readonly JournalFixture _journal = new();
    private readonly TemporaryDirectory _state = new(isInMemory: true);
    private readonly AgentMetrics _metrics = new();
    private readonly ShiftedTimeProvider _lokiTime;
    private readonly ScriptedLoki _loki;

    public JournalRetimingTests()
    {
        _journal.Add("units.journal");
        using (JournalReader reader = _journal.Open())
        {
            Assert.True(reader.TryRead(out JournalEntry entry));
            _journal.Time.SetUtcNow(new DateTimeOffset(UnixTime.ToDateTime(entry.RealtimeNs), TimeSpan.Zero).AddMinutes(1));
        }

        _lokiTime = new ShiftedTimeProvider(_journal.Time);
        _loki = new ScriptedLoki(new LokiLimits(), _lokiTime);
    }

    public void Dispose()
    {
        _journal.Dispose();
        _state.Dispose();
    }

    [Theory]
    [InlineData(-20, RetimeReasons.TooNew)]
    [InlineData(-60 * 24 * 8, RetimeReasons.TooNew)]
    [InlineData(60 * 24 * 8, RetimeReasons.TooOld)]
    [InlineData(60 * 24 * 365, RetimeReasons.TooOld)]
    public void Turn_LokisClockDiffers_SendsEachEntryOnceWithAnAcceptedTime(int lokiAheadMinutes, string reason)
    {
        _lokiTime.Ahead = TimeSpan.FromMinutes(lokiAheadMinutes);
        using (JournalRun run = Start())
        {
            run.TurnUntilQuiet();
        }

        AssertEachStoredOnce();
        Assert.Equal(Entries, _metrics.RetimedRecords.Get(reason));
    }

    /// <summary>The agent is killed after a push with new times: when it reads the entries again, they get the same times and are found.</summary>
    [Theory]
    [InlineData(-20, true)]
    [InlineData(-20, false)]
    [InlineData(60 * 24 * 8, true)]
    [InlineData(60 * 24 * 8, false)]
    public void Restart_KilledAfterPushingMovedEntries_StoresEachOnce(int lokiAheadMinutes, bool isStored)
    {
        _lokiTime.Ahead = TimeSpan.FromMinutes(lokiAheadMinutes);
        using (JournalRun killed = Start())
        {
            _loki.Script.Enqueue(static _ => null);
            _loki.Script.Enqueue(request =>
            {
                if (isStored)
                {
                    _loki.Store(request);
                }

                return new PushAnswer(PushVerdict.Unconfirmed, "error", "connection reset");
            });
            for (int i = 0; i < 1000 && _loki.Requests.Count < 2; i++)
            {
                killed.TurnOnce();
                _journal.Time.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        Assert.Equal(2, _loki.Requests.Count);
        using (JournalRun second = Start())
        {
            second.TurnUntilQuiet();
        }

        AssertEachStoredOnce();

        // Entries older than two hours are not reliably found; they are counted as possible duplicates.
        Assert.True(lokiAheadMinutes > 0 || _metrics.PossibleDuplicates.Get() == 0);
    }

    /// <summary>Loki's clock is corrected while the agent runs: the agent's earlier estimate no longer counts.</summary>
    [Fact]
    public void Turn_LokisClockIsCorrected_LaterEntriesKeepTheirTimes()
    {
        _lokiTime.Ahead = -TimeSpan.FromMinutes(20);
        using JournalRun run = Start();
        run.TurnUntilQuiet();
        _lokiTime.Ahead = TimeSpan.Zero;
        _journal.Time.Advance(TimeSpan.FromMinutes(11));
        _journal.Add("entries.journal", "later.journal");
        _journal.Time.Advance(TimeSpan.FromMinutes(2));
        run.TurnUntilQuiet();
        run.TurnUntilQuiet();

        Assert.Equal(0, _metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.Equal(Entries, _metrics.RetimedRecords.Get(RetimeReasons.TooNew));
        Assert.Equal(StoredLines().Count, StoredLines().Distinct().Count());
    }

    private JournalRun Start() =>
        new(new JournalOptions { Directories = [_journal.Path], Since = TimeSpan.FromDays(365 * 100) }, 16 * 1024, _state, "0", _loki, _journal.Time, _metrics);

    private List<string> StoredLines() =>
        [.. _loki.Requests.SelectMany(request => request.Streams).Select(stream => stream.Labels).Distinct().SelectMany(labels => _loki.EntriesOf(labels).Select(entry => $"{labels} {entry.TimestampNs.ToString(CultureInfo.InvariantCulture)} {entry.Line}"))];

    private void AssertEachStoredOnce()
    {
        List<StoredEntry> entries = [.. _loki.Requests.SelectMany(request => request.Streams).Select(stream => stream.Labels).Distinct().SelectMany(_loki.EntriesOf)];
        Assert.Equal(Entries, entries.Count);
        Assert.Equal(Entries, entries.Select(entry => entry.Line).Distinct().Count());
        Assert.All(entries, entry => Assert.Contains("original_timestamp=", entry.Metadata, StringComparison.Ordinal));
        Assert.Equal(0, _metrics.DroppedRecords.Get(DropReasons.Refused));
    }
}
