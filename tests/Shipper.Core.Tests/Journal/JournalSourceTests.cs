using System.Globalization;
using Shipper.Core.Tests.Support;
using Shipper.Journal;
using Shipper.Protocol;
using Shipper.Taps;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Journal;

/// <summary>The journal's lane with recorded files, turned by the test.</summary>
public sealed class JournalSourceTests : IDisposable
{
    private readonly JournalFixture _journal = new();
    private readonly TemporaryDirectory _state = new(isInMemory: true);
    private readonly AgentMetrics _metrics = new();
    private readonly JournalLoki _loki = new();
    private int _boot;

    public void Dispose()
    {
        _journal.Dispose();
        _state.Dispose();
    }

    [Fact]
    public void Turn_Entries_SendsThemWithLabelsAndMetadata()
    {
        _journal.Add("compact-zstd.journal");
        using (JournalRun run = Start())
        {
            run.TurnUntilQuiet();
        }

        Assert.Equal(12, _loki.Entries().Count());
        StreamAdapter template = _loki.Requests.SelectMany(request => request.Streams).Single(stream => stream.Labels.Contains("getty", StringComparison.Ordinal));
        Assert.Equal("{cluster=\"c\", job=\"systemd-journal\", unit=\"getty@.service\"}", template.Labels);
        EntryAdapter entry = Assert.Single(template.Entries);
        Assert.Equal("two\nlines", entry.Line);
        Assert.Equal(
            ["level=info", "identifier=kubelet", "pid=1001", "transport=stdout", "boot_id=0123456789abcdef0123456789abcdef", "unit_full=getty@tty1.service"],
            entry.StructuredMetadata.Select(pair => $"{pair.Name}={pair.Value}"));
        Assert.Equal(1, _metrics.TruncatedRecords.Get());
    }

    [Fact]
    public void Turn_OpenTap_ShowsWhatIsSent()
    {
        _journal.Add("units.journal");
        using JournalRun run = Start();
        Assert.True(TapQuery.TryParse("{job=\"systemd-journal\"}", out TapQuery? query, out _));
        Assert.True(run.Taps.TryOpen(query, TapStage.Processed, out Tap? tap));
        run.TurnUntilQuiet();

        int shown = 0;
        while (tap.TryRead(out TapRecord? record))
        {
            Assert.StartsWith("level", record.Metadata[0].Key, StringComparison.Ordinal);
            shown++;
        }

        Assert.Equal(400, shown + tap.TakeSkipped());
        Assert.Equal(400, _loki.Stored.Count);
    }

    [Fact]
    public void Turn_UnitsAlternate_SendsOneStreamForEachUnit()
    {
        _journal.Add("units.journal");
        using JournalRun run = Start();
        run.TurnUntilQuiet();

        Assert.All(_loki.Requests, request => Assert.Equal(request.Streams.Count, request.Streams.Select(stream => stream.Labels).Distinct().Count()));
        Assert.Equal(400, _loki.Stored.Distinct().Count());
        Assert.Equal(400, _loki.Stored.Count);
    }

    [Fact]
    public void Turn_ExcludedUnits_SendsOnlyTheOthers()
    {
        _journal.Add("compact-zstd.journal");
        using JournalRun run = Start(new JournalOptions { Units = ["*.service"], Exclude = ["big*", "getty@*"] });
        run.TurnUntilQuiet();

        Assert.DoesNotContain(_loki.Entries(), entry => entry.Stream is "scope" or "kernel" or "unknown" or "big.service" or "getty@.service");
        Assert.Contains(_loki.Entries(), entry => entry.Stream == "kubelet.service");
    }

    [Fact]
    public void Restart_ResponseWasLost_RepeatsTheSameRequest()
    {
        _journal.Add("entries.journal");
        using (JournalRun first = Start(batchBytes: 4096))
        {
            first.TurnOnce();
            _loki.WithholdsAnswers = true;
            first.TurnUntilQuiet();
        }

        int before = _loki.Requests.Count;
        _loki.WithholdsAnswers = false;
        using (JournalRun second = Start(batchBytes: 4096))
        {
            second.TurnUntilQuiet();
        }

        Assert.Equal(_loki.Requests[before - 1], _loki.Requests[before]);
        Assert.Equal(300, _loki.Stored.Distinct().Count());
        Assert.Equal(300, _loki.Stored.Count);
    }

    /// <summary>The machine crashes, and the checkpoints on disk are older than the last acknowledgements.</summary>
    [Fact]
    public void Restart_AcknowledgementsWereNotOnDisk_SendsNothingTwice()
    {
        _journal.Add("units.journal");
        Dictionary<string, byte[]> onDisk;
        using (JournalRun first = Start(batchBytes: 4096))
        {
            first.TurnOnce();
            onDisk = Directory.GetFiles(_state).ToDictionary(path => path, File.ReadAllBytes);
            first.TurnUntilQuiet();
            Assert.Equal(400, _loki.Stored.Count);
        }

        Array.ForEach(Directory.GetFiles(_state), File.Delete);
        foreach ((string path, byte[] content) in onDisk)
        {
            File.WriteAllBytes(path, content);
        }

        _boot++;
        using JournalRun second = Start(batchBytes: 4096);
        Assert.True(second.Source.Status.HasUnconfirmed);
        second.TurnUntilQuiet();
        second.Source.Maintain();

        Assert.Equal(400, _loki.Stored.Count);
        Assert.False(second.Source.Status.HasUnconfirmed);
    }

    /// <summary>The state directory was removed. The agent reads nothing before it has asked Loki, and then resends nothing that Loki has.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Restart_StateWasRemoved_ResendsOnlyIfLokiCannotBeAsked(bool cannotAsk)
    {
        _journal.Add("units.journal");
        using (JournalRun first = Start(batchBytes: 4096))
        {
            first.TurnUntilQuiet();
            Assert.Equal(400, _loki.Stored.Count);
        }

        Array.ForEach(Directory.GetFiles(_state), File.Delete);
        using JournalRun second = Start(batchBytes: 4096, isUnsettled: true);
        second.TurnUntilQuiet();
        Assert.Equal(400, _loki.Stored.Count);
        Assert.Contains(second.Source.Directories, directory => directory.IsReading);

        second.Checkpoints.Settle(isOlder: true, cannotAsk);
        second.TurnUntilQuiet();
        second.Source.Maintain();

        Assert.Equal(cannotAsk ? 800 : 400, _loki.Stored.Count);
        Assert.Equal(cannotAsk ? 400 : 0, _metrics.PossibleDuplicates.Get());
        Assert.Equal(!cannotAsk, _loki.QueryCount > 0);
        Assert.False(second.Source.Status.HasUnconfirmed);
    }

    [Fact]
    public void Restart_LokiHasNothingNewer_QueriesOnlyThePushInFlight()
    {
        _journal.Add("units.journal");
        using (JournalRun first = Start(batchBytes: 4096))
        {
            first.TurnOnce();
        }

        using JournalRun second = Start(batchBytes: 4096, isUnsettled: true);
        second.Checkpoints.Settle(isOlder: false, cannotAskLoki: false);
        second.TurnUntilQuiet();

        Assert.Equal(400, _loki.Stored.Count);
        Assert.Equal(1, _loki.QueryCount);
    }

    /// <summary>Loki refuses one unit for a while because the stream exceeds its rate limit, in Loki's own words.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Turn_OneUnitIsRefused_SendsTheOthersOnce(bool isKilled)
    {
        _journal.Add("units.journal");
        const string Refused = "{cluster=\"c\", job=\"systemd-journal\", unit=\"containerd.service\"}";
        JournalRun run = Start(batchBytes: 4096);
        try
        {
            run.TurnOnce();
            _loki.RefusedStream = Refused;
            run.TurnUntilQuiet();
            int others = _loki.Stored.Count(entry => entry.Labels != Refused);
            Assert.InRange(_loki.Stored.Count(entry => entry.Labels == Refused), 0, 80);
            if (isKilled)
            {
                run.Dispose();
                run = Start(batchBytes: 4096);
                run.TurnUntilQuiet();
            }

            // No other unit had to wait, and none of its entries came twice.
            Assert.Equal(others, _loki.Stored.Count(entry => entry.Labels != Refused));
            _loki.RefusedStream = null;
            for (int i = 0; i < 40; i++)
            {
                _journal.Time.Advance(TimeSpan.FromSeconds(5));
                run.TurnUntilQuiet();
            }

            Assert.Equal(400, _loki.Stored.Count);

            // All units continue together.
            _journal.Add("compact-zstd.journal", "later.journal");
            _journal.Time.Advance(TimeSpan.FromMinutes(2));
            run.TurnUntilQuiet();
            run.TurnUntilQuiet();
        }
        finally
        {
            run.Dispose();
        }

        Assert.Equal(_loki.Stored.Count, _loki.Stored.Distinct().Count());
        foreach (var stream in _loki.Stored.Where(entry => entry.Line.StartsWith("entry ", StringComparison.Ordinal)).GroupBy(entry => entry.Labels))
        {
            Assert.Equal(stream.Select(entry => entry.TimestampNs).Order(), stream.Select(entry => entry.TimestampNs));
        }
    }

    /// <summary>Loki accepts two streams at most, and names only the last stream that it refused.</summary>
    [Fact]
    public void Turn_NewStreamsBeyondTheLimit_LosesNothing()
    {
        _journal.Add("units.journal");
        using JournalRun run = Start();
        _loki.MaxStreams = 2;
        run.TurnUntilQuiet();
        Assert.Equal(2, _loki.Stored.Select(entry => entry.Labels).Distinct().Count());

        _loki.MaxStreams = int.MaxValue;
        for (int i = 0; i < 40; i++)
        {
            _journal.Time.Advance(TimeSpan.FromSeconds(5));
            run.TurnUntilQuiet();
        }

        Assert.Equal(400, _loki.Stored.Distinct().Count());
    }

    [Fact]
    public void Maintain_JournalIsUnreadable_ReportsAndCountsIt()
    {
        _journal.Add("unknown-flag.journal");
        using JournalRun run = Start();
        run.TurnUntilQuiet();

        Assert.NotEmpty(run.Source.Problems);
        Assert.True(_metrics.JournalErrors.Get(JournalProblemReasons.UnsupportedFormat) + _metrics.JournalErrors.Get(JournalProblemReasons.NoReadableFile) > 0);
    }

    [Fact]
    public void Acknowledge_UnitsAlternate_WritesEachClockOnce()
    {
        _journal.Time.SetUtcNow(TimeProvider.System.GetUtcNow());
        _journal.Add("units.journal");
        using JournalRun run = Start();
        run.TurnUntilQuiet();

        // 400 entries of five units in about 300 runs.
        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_state, "*.log"))).Length, 1, 1500);
    }

    private JournalRun Start(JournalOptions? options = null, long batchBytes = 512 * 1024, bool isUnsettled = false)
    {
        options ??= new JournalOptions();
        options.Directories = [_journal.Path];
        options.Since = TimeSpan.FromDays(365 * 100);
        return new JournalRun(options, batchBytes, _state, _boot.ToString(CultureInfo.InvariantCulture), _loki, _journal.Time, _metrics, isUnsettled);
    }
}
