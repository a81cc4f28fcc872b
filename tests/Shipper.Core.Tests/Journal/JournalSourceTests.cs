using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Telemetry;
using Shipper.Testing;

namespace Shipper.Journal;

/// <summary>The journal's lane over recorded files, turned by hand.</summary>
public sealed class JournalSourceTests : IDisposable
{
    private readonly JournalFixture _journal = new();
    private readonly TemporaryDirectory _state = new(isInMemory: true);
    private readonly AgentMetrics _metrics = new();
    private readonly ScriptedLoki _loki = new();
    private int _boot;

    public void Dispose()
    {
        _journal.Dispose();
        _state.Dispose();
    }

    [Fact]
    public void Turn_Entries_HaveTheirLabelsAndMetadata()
    {
        _journal.Add("compact-zstd.journal");
        using (Life life = Start())
        {
            life.TurnUntilQuiet();
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
    public void Turn_SameUnitAgainAndAgain_IsOneStreamOfTheRequest()
    {
        _journal.Add("units.journal");
        using Life life = Start();
        life.TurnUntilQuiet();

        Assert.All(_loki.Requests, request => Assert.Equal(request.Streams.Count, request.Streams.Select(stream => stream.Labels).Distinct().Count()));
        Assert.Equal(400, _loki.Stored.Distinct().Count());
        Assert.Equal(400, _loki.Stored.Count);
    }

    [Fact]
    public void Turn_UnitsLeftOut_AreNotSent()
    {
        _journal.Add("compact-zstd.journal");
        using Life life = Start(new JournalOptions { Units = ["*.service"], Exclude = ["big*", "getty@*"] });
        life.TurnUntilQuiet();

        Assert.DoesNotContain(_loki.Entries(), entry => entry.Stream is "scope" or "kernel" or "unknown" or "big.service" or "getty@.service");
        Assert.Contains(_loki.Entries(), entry => entry.Stream == "kubelet.service");
    }

    [Fact]
    public void Restart_AnswerWasNeverHeard_SameEntriesGoOutAsTheyWere()
    {
        _journal.Add("entries.journal");
        using (Life first = Start(batchBytes: 4096))
        {
            first.TurnOnce();
            _loki.Withholds = true;
            first.TurnUntilQuiet();
        }

        int before = _loki.Requests.Count;
        _loki.Withholds = false;
        using (Life second = Start(batchBytes: 4096))
        {
            second.TurnUntilQuiet();
        }

        Assert.Equal(_loki.Requests[before - 1], _loki.Requests[before]);
        Assert.Equal(300, _loki.Stored.Distinct().Count());
        Assert.Equal(300, _loki.Stored.Count);
    }

    /// <summary>The machine goes down, and the checkpoints are as they were a while ago.</summary>
    [Fact]
    public void Restart_AcknowledgementsWereNotOnTheDisk_NothingComesTwice()
    {
        _journal.Add("units.journal");
        Dictionary<string, byte[]> onDisk;
        using (Life first = Start(batchBytes: 4096))
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
        using Life second = Start(batchBytes: 4096);
        Assert.True(second.Source.Status.IsInDoubt);
        second.TurnUntilQuiet();
        second.Source.Maintain();

        Assert.Equal(400, _loki.Stored.Count);
        Assert.False(second.Source.Status.IsInDoubt);
    }

    /// <summary>Loki refuses one unit for a while, as it does when a stream's rate is exceeded: with its real words.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Refused_OneUnit_NeitherStopsTheOthersNorMakesThemRepeat(bool isKilled)
    {
        _journal.Add("units.journal");
        const string Refused = "{cluster=\"c\", job=\"systemd-journal\", unit=\"containerd.service\"}";
        Life life = Start(batchBytes: 4096);
        try
        {
            life.TurnOnce();
            _loki.Refuses = Refused;
            life.TurnUntilQuiet();
            int others = _loki.Stored.Count(entry => entry.Labels != Refused);
            Assert.InRange(_loki.Stored.Count(entry => entry.Labels == Refused), 0, 80);
            if (isKilled)
            {
                life.Dispose();
                life = Start(batchBytes: 4096);
                life.TurnUntilQuiet();
            }

            // None was waiting, and none came twice.
            Assert.Equal(others, _loki.Stored.Count(entry => entry.Labels != Refused));
            _loki.Refuses = null;
            for (int i = 0; i < 40; i++)
            {
                _journal.Time.Advance(TimeSpan.FromSeconds(5));
                life.TurnUntilQuiet();
            }

            Assert.Equal(400, _loki.Stored.Count);

            // They go on together.
            _journal.Add("compact-zstd.journal", "later.journal");
            _journal.Time.Advance(TimeSpan.FromMinutes(2));
            life.TurnUntilQuiet();
            life.TurnUntilQuiet();
        }
        finally
        {
            life.Dispose();
        }

        Assert.Equal(_loki.Stored.Count, _loki.Stored.Distinct().Count());
        foreach (var stream in _loki.Stored.Where(entry => entry.Line.StartsWith("entry ", StringComparison.Ordinal)).GroupBy(entry => entry.Labels))
        {
            Assert.Equal(stream.Select(entry => entry.TimestampNs).Order(), stream.Select(entry => entry.TimestampNs));
        }
    }

    /// <summary>Loki takes two streams and no more, and names only the last that it refused.</summary>
    [Fact]
    public void Refused_NewStreamsBeyondTheLimit_NoneIsLost()
    {
        _journal.Add("units.journal");
        using Life life = Start();
        _loki.MaxStreams = 2;
        life.TurnUntilQuiet();
        Assert.Equal(2, _loki.Stored.Select(entry => entry.Labels).Distinct().Count());

        _loki.MaxStreams = int.MaxValue;
        for (int i = 0; i < 40; i++)
        {
            _journal.Time.Advance(TimeSpan.FromSeconds(5));
            life.TurnUntilQuiet();
        }

        Assert.Equal(400, _loki.Stored.Distinct().Count());
    }

    [Fact]
    public void Maintain_JournalThatCantBeRead_IsCountedAndSaid()
    {
        _journal.Add("unknown-flag.journal");
        using Life life = Start();
        life.TurnUntilQuiet();

        Assert.NotEmpty(life.Source.Problems);
        Assert.True(_metrics.JournalErrors.Get(JournalProblemReasons.UnsupportedFormat) + _metrics.JournalErrors.Get(JournalProblemReasons.NoReadableFile) > 0);
    }

    [Fact]
    public void Acknowledge_UnitsThatAlternate_WritesEachClockOnce()
    {
        _journal.Add("units.journal");
        using Life life = Start();
        life.TurnUntilQuiet();

        // 400 entries of five units in some 300 runs.
        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_state, "*.log"))).Length, 1, 1500);
    }

    private Life Start(JournalOptions? options = null, long batchBytes = 512 * 1024)
    {
        options ??= new JournalOptions();
        options.Directories = [_journal.Path];
        options.Since = TimeSpan.FromDays(365 * 100);
        return new Life(options, batchBytes, _state, _boot.ToString(CultureInfo.InvariantCulture), _loki, _journal.Time, _metrics);
    }

    private sealed class Life : IDisposable
    {
        private readonly CheckpointStore _checkpoints;
        private readonly Lane _lane;
        private readonly CancellationTokenSource _living = new();
        private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider _time;

        public Life(
            JournalOptions options, long batchBytes, string state, string boot, ScriptedLoki loki, Microsoft.Extensions.Time.Testing.FakeTimeProvider time, AgentMetrics metrics)
        {
            _time = time;
            _checkpoints = CheckpointStore.Open(state, NullLogger.Instance, metrics, boot);
            Source = new JournalSource(
                options, new Dictionary<string, string> { ["cluster"] = "c" }, _checkpoints, time, NullLogger.Instance, metrics);
            var batch = new BatchOptions { Size = batchBytes, Wait = TimeSpan.FromMilliseconds(1) };
            _lane = new Lane("journal", new LaneOptions(batch, JournalSource.MaxLineBytes), Source, Senders.Create(loki, time, NullLoggerFactory.Instance, metrics), _checkpoints, time, NullLoggerFactory.Instance, metrics, new Heartbeat(time));
        }

        public JournalSource Source { get; }

        public void TurnOnce() => _lane.Turn(isStopping: false, out _, _living.Token);

        public void TurnUntilQuiet()
        {
            // What was on its way when the agent was ended may arrive for some seconds.
            for (int quiet = 0; quiet < 35; quiet++)
            {
                while (_lane.Turn(isStopping: false, out _, _living.Token))
                {
                    quiet = 0;
                }

                _time.Advance(TimeSpan.FromMilliseconds(200));
            }
        }

        public void Dispose()
        {
            _living.Cancel();
            _living.Dispose();
            _lane.Dispose();
            _checkpoints.Dispose();
        }
    }

    /// <summary>Takes everything, or everything but one stream.</summary>
    private sealed class ScriptedLoki : IPushClient
    {
        private readonly HashSet<string> _known = [];

        public List<PushRequest> Requests { get; } = [];

        public List<(string Labels, long TimestampNs, string Line)> Stored { get; } = [];

        public bool Withholds { get; set; }

        public string? Refuses { get; set; }

        public int MaxStreams { get; set; } = int.MaxValue;

        public IEnumerable<(string Stream, string Line)> Entries() =>
            Requests.SelectMany(request => request.Streams).SelectMany(stream => stream.Entries.Select(entry => (stream.Labels.Split("unit=\"")[1].TrimEnd('}', '"'), entry.Line)));

        public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping)
        {
            foreach ((string labels, long timestampNs, string line) in Stored.Where(entry => entry.TimestampNs >= fromNs && entry.TimestampNs <= toNs))
            {
                found.BeginStream(Testing.Loki.LabelSet.Parse(labels).ToDictionary());
                found.Visit(timestampNs, System.Text.Encoding.UTF8.GetBytes(line));
            }

            return Task.FromResult(new QueryAnswer(QueryOutcome.Answered));
        }

        public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
        {
            PushRequest request = PushBody.Read(body.Span);
            Requests.Add(request);
            if (Withholds)
            {
                return new TaskCompletionSource<PushAnswer>().Task;
            }

            string? beyond = null;
            foreach (StreamAdapter stream in request.Streams.Where(stream => stream.Labels != Refuses))
            {
                if (!_known.Contains(stream.Labels) && _known.Count >= MaxStreams)
                {
                    beyond = stream.Labels;
                    continue;
                }

                _known.Add(stream.Labels);
                Stored.AddRange(stream.Entries.Select(entry => (stream.Labels, (entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos, entry.Line)));
            }

            if (beyond is not null)
            {
                return Task.FromResult(LokiAnswers.Read(429, $"maximum active stream limit exceeded when trying to create stream {beyond}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fewstreams'"));
            }

            return Task.FromResult(request.Streams.Any(stream => stream.Labels == Refuses)
                ? LokiAnswers.Read(429, string.Create(CultureInfo.InvariantCulture, $"entry with timestamp 2026-11-23 01:31:58 +0000 UTC ignored, reason: 'Per stream rate limit exceeded (limit: 10KB/sec) while attempting to ingest for stream '{Refuses!.Replace("}", ", service_name=\"x\"}", StringComparison.Ordinal)}' totaling 1000B, consider splitting a stream'"))
                : new PushAnswer(PushVerdict.Stored, "204"));
        }
    }
}
