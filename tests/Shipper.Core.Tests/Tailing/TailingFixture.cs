using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Tailing;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Tailing;

/// <summary>A lane over the log of one pod or several, turned by hand, with a Loki that takes everything at once unless told to wait.</summary>
internal sealed class TailingFixture : IDisposable
{
    public const string Pod = "pod";

    private readonly TemporaryDirectory _directory = new();
    private readonly TailerOptions _tailerOptions;
    private readonly LogSource _logSource;
    private LaneOptions _options;
    private readonly HeldBudget _budget;
    private FileBudget _files;
    private readonly TakingLoki _loki;
    private CheckpointStore _checkpoints;
    private FileOwners _owners;
    private string? _directory2;
    private CancellationTokenSource _living = new();
    private bool _isRestarted;
    private Dictionary<int, OpenFile>? _open;
    private int _boot;
    private bool _isUnsettled;
#pragma warning disable CA2213 // The lane disposes of it.
    private FileSource _source;
#pragma warning restore CA2213
    private Lane _lane;
    private TailingServices _tailing;

    public TailingFixture(TailerOptions? options = null, bool isInitial = false, TimeSpan? batchWait = null, long? batchBytes = null, HeldBudget? budget = null, int maxFiles = int.MaxValue,
        bool hasHeaders = true)
    {
        Directory.CreateDirectory(this["state"]);
        Log = LogOf(Pod);
        var batch = new BatchOptions { Wait = batchWait ?? TimeSpan.FromMilliseconds(1) };
        batch.Size = batchBytes ?? batch.Size;
        _tailerOptions = options ?? new TailerOptions();
        _logSource = new LogSource(hasHeaders ? LogSource.Container : LogSource.File, hasHeaders, _tailerOptions);
        _options = new LaneOptions(batch, _tailerOptions.MaxLineBytes);
        _budget = budget ?? new HeldBudget(_tailerOptions.HeldBytes);
        _files = new FileBudget(maxFiles);
        Clock = new ShiftedTime(Time);
        _loki = new TakingLoki(Time);
        IsInitial = isInitial;
        Start();
    }

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>The node's clock; that of timers and of Loki is <see cref="Time"/>.</summary>
    public ShiftedTime Clock { get; }

    /// <summary>What was counted in all lives.</summary>
    public AgentMetrics Metrics { get; } = new();

    public RecordedLog Messages { get; } = new();

    /// <summary>Path of the live file.</summary>
    public string Log { get; }

    public bool IsInitial { get; }

    /// <summary>Tells what records are sent with; null: the pod's name and nothing else.</summary>
    public IAttributeSource? AttributesOf { get; set; }

    /// <summary>All requests, also those that were not stored.</summary>
    public IReadOnlyList<PushRequest> Requests => _loki.Requests;

    /// <summary>The size of batches, from the next restart on.</summary>
    public long BatchBytes
    {
        set => _options = new LaneOptions(new BatchOptions { Wait = _options.Batch.Wait, Size = value }, _tailerOptions.MaxLineBytes);
    }

    /// <summary>How many files may be open, from the next restart on.</summary>
    public int MaxFiles
    {
        set => _files = new FileBudget(value);
    }

    public SourceStatus Status => _lane.Status;

    /// <summary>What became of all bytes.</summary>
    public Ledger Ledger => Describe().Totals;

    public bool IsStalled => _lane.IsStalled;

    /// <summary>How many pushes there were.</summary>
    public int Pushes => _loki.Pushes;

    /// <summary>All entries of the pod that Loki has, but for those that tell of a loss.</summary>
    public IReadOnlyList<EntryAdapter> Entries => [.. AllEntries.Where(entry => !IsNotice(entry))];

    /// <summary>The entries that tell of a loss.</summary>
    public IReadOnlyList<EntryAdapter> Notices => [.. AllEntries.Where(IsNotice)];

    public IReadOnlyList<EntryAdapter> AllEntries => _loki.EntriesOf(LabelsOf(Pod).Selector);

    /// <summary>Names of the saved copies.</summary>
    public IEnumerable<string> Copies => Directory.Exists(this["state/held"]) ? Directory.GetFiles(this["state/held"]).Select(path => Path.GetFileName(path)) : [];

    public IEnumerable<string> Lines => Entries.Select(entry => entry.Line);

    public string this[string name] => _directory[name];

    /// <summary>Path of the live file of a pod.</summary>
    public string LogOf(string pod)
    {
        string directory = this[$"pods/ns_{pod}_uid/main"];
        Directory.CreateDirectory(directory);
        return Path.Combine(directory, "0.log");
    }

    /// <summary>The lane is asked what it is doing, and does not turn.</summary>
    public Task<LaneStatus> AskAsync() => _lane.DescribeAsync(TestContext.Current.CancellationToken);

    /// <summary>What the lane answers when it is asked what it is doing.</summary>
    public LaneStatus Describe()
    {
        Task<LaneStatus> answer = AskAsync();
        _lane.Turn(isStopping: false, out _, CancellationToken.None);
        Assert.True(answer.IsCompletedSuccessfully || answer.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        return answer.Result;
    }

    /// <summary>Discovery finds the log.</summary>
    public void Find(string pod = Pod) => Find(pod, isGone: false);

    /// <summary>Discovery finds a plain file: a log of that name, and what rotation makes of it.</summary>
    public void FindFile(string path) => FindSeries(new LogSeries(Path.GetDirectoryName(path)!, Path.GetFileName(path), 0, _owners));

    /// <summary>Discovery finds the log in another directory.</summary>
    /// <param name="log">Path of the live file.</param>
    /// <param name="turns">False if the lane hears of it when it turns.</param>
    public void FindMoved(string log, bool turns = true) => FindSeries(LogSeries.Of(log, 0), turns);

    private void FindSeries(LogSeries series, bool turns = true)
    {
        _directory2 = series.Directory;
        _source.Publish(new LogFound($"ns/{Pod}/main", _logSource, AttributesOf ?? Attributes.Fixed(LabelsOf(Pod)), series));
        if (turns)
        {
            Turn();
        }
    }

    /// <summary>The log is gone with its pod, and was taken up because something is left of it.</summary>
    public void FindGone()
    {
        string directory = Path.GetDirectoryName(LogOf(Pod))!;
        Find(Pod, isGone: true);
        Assert.Empty(Directory.GetFiles(directory));
    }

    /// <summary>Discovery finds another pod's log in the directory of the first, where both are looked at before it is listed.</summary>
    /// <returns>Its path.</returns>
    public string FindBeside(string pod)
    {
        string path = Path.Combine(Path.GetDirectoryName(Log)!, pod + ".log");
        Find(pod, path, isGone: false);
        return path;
    }

    private void Find(string pod, bool isGone) => Find(pod, LogOf(pod), isGone);

    private void Find(string pod, string path, bool isGone)
    {
        LogSeries series = LogSeries.Of(path, 0);
        series.IsInitial = IsInitial;

        series.IsUnlinked = isGone;
        _source.Publish(new LogFound($"ns/{pod}/main", _logSource, AttributesOf ?? Attributes.Fixed(LabelsOf(pod)), series));
        Turn();
    }

    /// <summary>The log is not to be read any more.</summary>
    public void Exclude()
    {
        _source.Publish(new LogExcluded(Path.GetDirectoryName(Log)!));
        TurnUnseen();
    }

    /// <summary>No link leads to the log any more.</summary>
    /// <param name="turns">False if the lane hears of it when it turns.</param>
    public void Unlink(bool turns = true)
    {
        _source.Publish(new LogUnlinked(Path.GetDirectoryName(Log)!));
        if (turns)
        {
            TurnUnseen();
        }
    }

    /// <summary>The directory changed, and the lane turns until there is nothing left to do.</summary>
    public void Turn()
    {
        _source.Publish(new DirectoryChanged(Path.GetDirectoryName(Log)!));
        if (_directory2 is not null)
        {
            _source.Publish(new DirectoryChanged(_directory2));
        }

        TurnUnseen();
    }

    /// <summary>The directory of a pod's log changed.</summary>
    public void Changed(string pod) => _source.Publish(new DirectoryChanged(Path.GetDirectoryName(LogOf(pod))!));

    /// <summary>The directory of a pod's log changed, and the lane turns until there is nothing left to do.</summary>
    public void Turn(string pod)
    {
        Changed(pod);
        TurnUnseen();
    }

    /// <summary>The directory changed, and the lane turns once, a poll interval later.</summary>
    public void TurnOnce()
    {
        _source.Publish(new DirectoryChanged(Path.GetDirectoryName(Log)!));
        Time.Advance(TimeSpan.FromMilliseconds(100));
        _lane.Turn(isStopping: false, out _, _living.Token);
    }

    /// <summary>The lane turns until there is nothing left to do, and nobody tells it what changed.</summary>
    public void TurnUnseen()
    {
        // What was on its way when the agent was killed may arrive for some seconds.
        int limit = _isRestarted ? 60 : 15;
        _isRestarted = false;
        for (int quiet = 0; quiet < limit; quiet++)
        {
            while (_lane.Turn(isStopping: false, out _, _living.Token))
            {
                quiet = 0;
            }

            Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Loki takes the next push and does not answer it.</summary>
    public void Withhold() => _loki.Withholds = true;

    /// <summary>True while a push has no answer.</summary>
    public bool IsPending => _loki.IsPending;

    /// <summary>Loki answers, and all that comes.</summary>
    public void Answer() => _loki.Answer();

    /// <summary>Loki refuses the next push.</summary>
    public void RefuseNext(PushAnswer answer) => _loki.Refusal = answer;

    /// <summary>Loki refuses all pushes from now on.</summary>
    public void RefuseAll(PushAnswer answer) => (_loki.Refusal, _loki.RefusesAll) = (answer, true);

    /// <summary>What Loki answers to a request instead of taking it; null lets it take it.</summary>
    public Func<PushRequest, PushAnswer?> AnswerTo
    {
        set => _loki.AnswerTo = value;
    }

    /// <summary>Loki's distributor refuses entries, with these words, and stores the others; null takes one.</summary>
    public Func<string, EntryAdapter, string?> RefusalOf
    {
        set => _loki.RefusalOf = value;
    }

    /// <summary>Loki stores the push that has no answer, and does not answer.</summary>
    public void StorePending() => _loki.StorePending();

    /// <summary>The lines of a pod that Loki has.</summary>
    public IEnumerable<string> LinesOf(string pod) => _loki.EntriesOf(LabelsOf(pod).Selector).Where(entry => !IsNotice(entry)).Select(entry => entry.Line);

    /// <summary>Loki takes everything again.</summary>
    public void TakeAll() => (_loki.Refusal, _loki.RefusesAll) = (null, false);

    /// <summary>The agent is killed with its push not stored, and started again. Discovery has found nothing yet; Loki answers.</summary>
    public void Restart()
    {
        _living.Cancel();
        _living.Dispose();
        _living = new CancellationTokenSource();
        _lane.Dispose();
        _checkpoints.Dispose();
        _loki.Drop();
        _isRestarted = true;
        Start();
    }

    /// <summary>Another agent takes the place of this one in the same process, with its open files.</summary>
    public void TakeOver()
    {
        var files = new Dictionary<int, OpenFile>();
        _source.Logs.HandOver(files);
        _tailing.Copies.HandOver(files);
        _open = files;
        Restart();
        _open = null;
    }

    /// <summary>The machine goes down with the agent, and is booted.</summary>
    /// <param name="onDisk">What the state directory's files are then, by their paths.</param>
    public void Crash(IReadOnlyDictionary<string, byte[]> onDisk)
    {
        _checkpoints.Dispose();
        Directory.Delete(this["state"], recursive: true);
        Directory.CreateDirectory(this["state"]);
        foreach ((string path, byte[] content) in onDisk)
        {
            File.WriteAllBytes(path, content);
        }

        _boot++;
        Restart();
    }

    /// <summary>The state directory is put back to an older copy, or removed, while no agent runs, and only Loki can tell.</summary>
    /// <param name="copy">The copy; empty: removed.</param>
    public void Restore(IReadOnlyDictionary<string, byte[]> copy)
    {
        _isUnsettled = true;
        _boot--;
        Crash(copy);
        _isUnsettled = false;
    }

    /// <summary>Loki was asked.</summary>
    /// <returns>True if it has more than the state knows of.</returns>
    public bool Settle()
    {
        _isRestarted = true;
        return _checkpoints.Settle(_loki.NewestNs > _checkpoints.NewestSentNs, isUnaskable: false);
    }

    /// <summary>The agent's first start is over.</summary>
    public void EndFirstStart() => _checkpoints.EndFirstStart();

    /// <summary>Loki can't be asked.</summary>
    public bool SettleUnasked() => _checkpoints.Settle(_checkpoints.IsFirstStart, isUnaskable: true);

    /// <summary>How often Loki was asked for what it has.</summary>
    public int Questions => _loki.Questions;

    /// <summary>What the state directory holds.</summary>
    public IReadOnlyDictionary<string, byte[]> ReadState() => Directory.GetFiles(this["state"]).ToDictionary(path => path, File.ReadAllBytes);

    /// <summary>The lane has ended: saves what kubelet deletes once the agent has stopped.</summary>
    public LastWords? SaveGoing() => _source.Logs.AtStop.SaveGoing(TimeSpan.FromMinutes(1));

    /// <summary>The agent is told to stop while Loki is away, and started again.</summary>
    /// <param name="meanwhile">Happens within the grace time.</param>
    public void Stop(Action? meanwhile = null)
    {
        Save();
        meanwhile?.Invoke();
        Time.Advance(TimeSpan.FromSeconds(1));
        _source.Maintain();
        Save();
        Restart();
    }

    public void Dispose()
    {
        _living.Cancel();
        _living.Dispose();
        _lane.Dispose();
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    private void Save()
    {
        while (_source.SaveStep())
        {
        }
    }

    private static bool IsNotice(EntryAdapter entry) => entry.StructuredMetadata.Any(pair => pair.Name == "lost_bytes");

    private static StreamLabels LabelsOf(string pod) => StreamLabels.Create(new Dictionary<string, string> { ["pod"] = pod });

    [MemberNotNull(nameof(_checkpoints), nameof(_owners), nameof(_tailing), nameof(_source), nameof(_lane))]
    private void Start()
    {
        _checkpoints = CheckpointStore.Open(this["state"], NullLogger.Instance, Metrics, _boot.ToString(CultureInfo.InvariantCulture), _isUnsettled);
        _owners = new FileOwners(_checkpoints, Time);
        _tailing = Services.ForTailing(this["state"], _checkpoints, Clock, Metrics, Messages, _open);
        _source = new FileSource(_options, _budget, _files, _tailing, Messages.CreateLogger("Lanes"));
        _lane = new Lane("lane", _options, _source, Senders.Create(_loki, Clock, Messages, Metrics), _checkpoints, new StageServices(Clock, Messages, Metrics, new Heartbeat(Time)));
    }

    private sealed class TakingLoki(TimeProvider time) : IPushClient
    {
        private readonly Dictionary<string, List<EntryAdapter>> _entries = [];
        private TaskCompletionSource<PushAnswer>? _pending;
        private PushRequest? _request;

        public bool Withholds { get; set; }

        public bool IsPending => _pending is not null;

        public PushAnswer? Refusal { get; set; }

        public bool RefusesAll { get; set; }

        public Func<PushRequest, PushAnswer?> AnswerTo { get; set; } = static _ => null;

        public Func<string, EntryAdapter, string?> RefusalOf { get; set; } = static (_, _) => null;

        public int Pushes { get; private set; }

        public List<PushRequest> Requests { get; } = [];

        public IReadOnlyList<EntryAdapter> EntriesOf(string selector) => _entries.GetValueOrDefault(selector) ?? [];

        public Task<PushAnswer> ProbeAsync(CancellationToken stopping) => Task.FromResult(StoredEntries.Probed);

        public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping) =>
            Task.FromResult(new QueryAnswer(QueryOutcome.Answered));

        public int Questions { get; private set; }

        public long NewestNs => _entries.Values.SelectMany(entries => entries).Max(entry => (entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos);

        public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping)
        {
            Questions++;
            return Task.FromResult(StoredEntries.Tell(_entries, fromNs, toNs, found));
        }

        public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
        {
            Pushes++;
            if (Refusal is { } refusal)
            {
                Refusal = RefusesAll ? refusal : null;
                return Task.FromResult(refusal);
            }

            _request = PushBody.Read(body.Span);
            Requests.Add(_request);
            if (AnswerTo(_request) is { } answer)
            {
                return Task.FromResult(answer);
            }

            var refusals = new List<string>();
            foreach (StreamAdapter stream in _request.Streams)
            {
                foreach (EntryAdapter entry in stream.Entries.Where(entry => RefusalOf(stream.Labels, entry) is not null).ToList())
                {
                    refusals.Add(RefusalOf(stream.Labels, entry)!);
                    stream.Entries.Remove(entry);
                }
            }

            if (refusals.Count > 0)
            {
                Store();
                return Task.FromResult(LokiAnswers.Read(400, LokiWords.Group(refusals)) with { Date = time.GetUtcNow() });
            }

            if (Withholds)
            {
                _pending = new TaskCompletionSource<PushAnswer>();
                return _pending.Task;
            }

            return Task.FromResult(Store());
        }

        public void Answer()
        {
            Withholds = false;
            TaskCompletionSource<PushAnswer> pending = _pending!;
            _pending = null;
            pending.SetResult(Store());
        }

        public void StorePending() => Store();

        public void Drop()
        {
            Withholds = false;
            _pending = null;
        }

        private PushAnswer Store()
        {
            foreach (StreamAdapter stream in _request!.Streams)
            {
                if (!_entries.TryGetValue(stream.Labels, out List<EntryAdapter>? entries))
                {
                    _entries[stream.Labels] = entries = [];
                }

                entries.AddRange(stream.Entries);
            }

            return new PushAnswer(PushVerdict.Stored, "204") { Date = time.GetUtcNow() };
        }
    }
}
