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
using Shipper.Taps;
using Shipper.Telemetry;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Tailing;

/// <summary>Runs a lane over the logs of one or more pods. Tests turn it by hand. Its Loki accepts everything at once unless told otherwise.</summary>
internal sealed class TailingFixture : IDisposable
{
    public const string Pod = "pod";

    private readonly TemporaryDirectory _directory = new();
    private readonly TailerOptions _tailerOptions;
    private readonly LogKind _logKind;
    private LaneOptions _options;
    private readonly HeldBudget _budget;
    private FileBudget _files;
    private readonly FakeLoki _loki;
    private CheckpointStore _checkpoints;
    private FileOwners _owners;
    private string? _movedDirectory;
    private CancellationTokenSource _lifetime = new();
    private bool _isRestarted;
    private Dictionary<int, InheritedFile>? _inheritedFiles;
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
        _logKind = new LogKind(hasHeaders ? LogKind.Container : LogKind.File, hasHeaders, _tailerOptions);
        _options = new LaneOptions(batch, _tailerOptions.MaxLineBytes);
        _budget = budget ?? new HeldBudget(_tailerOptions.HeldBytes);
        _files = new FileBudget(maxFiles);
        Clock = new ShiftedTimeProvider(Time);
        Taps = new TapRegistry(Time);
        _loki = new FakeLoki(Time);
        IsInitial = isInitial;
        Start();
    }

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>The node's clock. Timers and Loki use <see cref="Time"/>.</summary>
    public ShiftedTimeProvider Clock { get; }

    /// <summary>Metrics of all runs of the agent.</summary>
    public AgentMetrics Metrics { get; } = new();

    /// <summary>The open taps.</summary>
    public TapRegistry Taps { get; }

    public RecordedLog Messages { get; } = new();

    /// <summary>Path of the live file.</summary>
    public string Log { get; }

    public bool IsInitial { get; }

    /// <summary>Attributes that records are sent with; null for the pod's name only.</summary>
    public IAttributeSource? CustomAttributes { get; set; }

    /// <summary>All push requests, including those that were not stored.</summary>
    public IReadOnlyList<PushRequest> Requests => _loki.Requests;

    /// <summary>Maximum size of a batch, from the next restart on.</summary>
    public long BatchBytes
    {
        set => _options = new LaneOptions(new BatchOptions { Wait = _options.Batch.Wait, Size = value }, _tailerOptions.MaxLineBytes);
    }

    /// <summary>Maximum number of open files, from the next restart on.</summary>
    public int MaxFiles
    {
        set => _files = new FileBudget(value);
    }

    public SourceStatus Status => _lane.Status;

    /// <summary>The ledger of all logs together.</summary>
    public Ledger Ledger => Describe().Totals;

    public bool IsStalled => _lane.IsStalled;

    /// <summary>Number of pushes.</summary>
    public int Pushes => _loki.Pushes;

    /// <summary>All entries of the pod that Loki has, except loss notices.</summary>
    public IReadOnlyList<EntryAdapter> Entries => [.. AllEntries.Where(entry => !IsNotice(entry))];

    /// <summary>The loss notices that Loki has.</summary>
    public IReadOnlyList<EntryAdapter> Notices => [.. AllEntries.Where(IsNotice)];

    public IReadOnlyList<EntryAdapter> AllEntries => _loki.EntriesOf(LabelsOf(Pod).Selector);

    /// <summary>File names of the saved copies.</summary>
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

    /// <summary>Asks the lane for its status without turning it.</summary>
    public Task<LaneStatus> AskAsync() => _lane.DescribeAsync(TestContext.Current.CancellationToken);

    /// <summary>Asks the lane for its status and turns it once, so that it responds.</summary>
    public LaneStatus Describe()
    {
        Task<LaneStatus> answer = AskAsync();
        _lane.Turn(isStopping: false, out _, CancellationToken.None);
        Assert.True(answer.IsCompletedSuccessfully || answer.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        return answer.Result;
    }

    /// <summary>Discovery finds the log.</summary>
    public void Find(string pod = Pod) => Find(pod, isGone: false);

    /// <summary>Discovery finds a log that is a plain file, with its rotated files.</summary>
    public void FindFile(string path) => FindLog(new RotatedLog(Path.GetDirectoryName(path)!, Path.GetFileName(path), 0, _owners));

    /// <summary>Discovery finds the log in another directory.</summary>
    /// <param name="log">Path of the live file.</param>
    /// <param name="turns">False to let the next turn tell the lane.</param>
    public void FindMoved(string log, bool turns = true) => FindLog(RotatedLog.FromFile(log, 0), turns);

    private void FindLog(RotatedLog rotatedLog, bool turns = true)
    {
        _movedDirectory = rotatedLog.Directory;
        _source.Publish(new LogFound($"ns/{Pod}/main", _logKind, CustomAttributes ?? Attributes.Fixed(LabelsOf(Pod)), rotatedLog));
        if (turns)
        {
            Turn();
        }
    }

    /// <summary>The log was deleted with its pod, and is resumed because unacknowledged data of it is left.</summary>
    public void FindDeleted()
    {
        string directory = Path.GetDirectoryName(LogOf(Pod))!;
        Find(Pod, isGone: true);
        Assert.Empty(Directory.GetFiles(directory));
    }

    /// <summary>Discovery finds another pod's log in the directory of the first. A scan checks both before it lists the directory.</summary>
    /// <returns>The path of the found log.</returns>
    public string FindInSameDirectory(string pod)
    {
        string path = Path.Combine(Path.GetDirectoryName(Log)!, pod + ".log");
        Find(pod, path, isGone: false);
        return path;
    }

    private void Find(string pod, bool isGone) => Find(pod, LogOf(pod), isGone);

    private void Find(string pod, string path, bool isGone)
    {
        RotatedLog rotatedLog = RotatedLog.FromFile(path, 0);
        rotatedLog.IsInitial = IsInitial;

        rotatedLog.IsUnlinked = isGone;
        _source.Publish(new LogFound($"ns/{pod}/main", _logKind, CustomAttributes ?? Attributes.Fixed(LabelsOf(pod)), rotatedLog));
        Turn();
    }

    /// <summary>Discovery excludes the log.</summary>
    public void Exclude()
    {
        _source.Publish(new LogExcluded(Path.GetDirectoryName(Log)!));
        TurnWithoutEvent();
    }

    /// <summary>Discovery reports that no link leads to the log any more.</summary>
    /// <param name="turns">False to let the next turn tell the lane.</param>
    public void Unlink(bool turns = true)
    {
        _source.Publish(new LogUnlinked(Path.GetDirectoryName(Log)!));
        if (turns)
        {
            TurnWithoutEvent();
        }
    }

    /// <summary>Reports a change of the directory, and turns the lane until nothing is left to do.</summary>
    public void Turn()
    {
        _source.Publish(new DirectoryChanged(Path.GetDirectoryName(Log)!));
        if (_movedDirectory is not null)
        {
            _source.Publish(new DirectoryChanged(_movedDirectory));
        }

        TurnWithoutEvent();
    }

    /// <summary>Reports a change of the directory of a pod's log.</summary>
    public void NotifyChanged(string pod) => _source.Publish(new DirectoryChanged(Path.GetDirectoryName(LogOf(pod))!));

    /// <summary>Reports a change of the directory of a pod's log, and turns the lane until nothing is left to do.</summary>
    public void Turn(string pod)
    {
        NotifyChanged(pod);
        TurnWithoutEvent();
    }

    /// <summary>Reports a change of the directory, and turns the lane once, a poll interval later.</summary>
    public void TurnOnce()
    {
        _source.Publish(new DirectoryChanged(Path.GetDirectoryName(Log)!));
        Time.Advance(TimeSpan.FromMilliseconds(100));
        _lane.Turn(isStopping: false, out _, _lifetime.Token);
    }

    /// <summary>Turns the lane until nothing is left to do, without reporting a change to it.</summary>
    public void TurnWithoutEvent()
    {
        // A push that was in flight when the agent was killed may arrive for some seconds.
        int limit = _isRestarted ? 60 : 15;
        _isRestarted = false;
        for (int quiet = 0; quiet < limit; quiet++)
        {
            while (_lane.Turn(isStopping: false, out _, _lifetime.Token))
            {
                quiet = 0;
            }

            Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Makes Loki receive the next push and not respond to it.</summary>
    public void Withhold() => _loki.Withholds = true;

    /// <summary>True while a push has no response.</summary>
    public bool IsPending => _loki.IsPending;

    /// <summary>Makes Loki respond to the pending push and to all that follow.</summary>
    public void Answer() => _loki.Answer();

    /// <summary>Makes Loki refuse the next push.</summary>
    public void RefuseNext(PushAnswer answer) => _loki.Refusal = answer;

    /// <summary>Makes Loki refuse all pushes from now on.</summary>
    public void RefuseAll(PushAnswer answer) => (_loki.Refusal, _loki.RefusesAll) = (answer, true);

    /// <summary>Loki's response to a request instead of accepting it; null to accept it.</summary>
    public Func<PushRequest, PushAnswer?> AnswerTo
    {
        set => _loki.AnswerTo = value;
    }

    /// <summary>Loki's message if its distributor refuses an entry; null to store the entry. The other entries of the request are stored.</summary>
    public Func<string, EntryAdapter, string?> RefusalOf
    {
        set => _loki.RefusalOf = value;
    }

    /// <summary>Makes Loki store the pending push without responding to it.</summary>
    public void StorePending() => _loki.StorePending();

    /// <summary>The lines that Loki has of a pod.</summary>
    public IEnumerable<string> LinesOf(string pod) => _loki.EntriesOf(LabelsOf(pod).Selector).Where(entry => !IsNotice(entry)).Select(entry => entry.Line);

    /// <summary>Makes Loki accept everything again.</summary>
    public void AcceptAll() => (_loki.Refusal, _loki.RefusesAll) = (null, false);

    /// <summary>Kills the agent before Loki stores its pending push, and starts it again. Discovery has found nothing yet, and Loki responds again.</summary>
    public void Restart()
    {
        _lifetime.Cancel();
        _lifetime.Dispose();
        _lifetime = new CancellationTokenSource();
        _lane.Dispose();
        _checkpoints.Dispose();
        _loki.DropPending();
        _isRestarted = true;
        Start();
    }

    /// <summary>Replaces the agent with a successor in the same process, which inherits the open files.</summary>
    public void Reload()
    {
        var files = new Dictionary<int, InheritedFile>();
        _source.Logs.HandOver(files);
        _tailing.Copies.HandOver(files);
        _inheritedFiles = files;
        Restart();
        _inheritedFiles = null;
    }

    /// <summary>Crashes the machine together with the agent, and boots it.</summary>
    /// <param name="onDisk">Contents of the state directory's files after the crash, by path.</param>
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

    /// <summary>Replaces the state directory with an older copy, or removes it, while no agent runs. Only Loki can tell.</summary>
    /// <param name="copy">Files of the older copy; empty to remove the directory.</param>
    public void Restore(IReadOnlyDictionary<string, byte[]> copy)
    {
        _isUnsettled = true;
        _boot--;
        Crash(copy);
        _isUnsettled = false;
    }

    /// <summary>Queries Loki for its newest entry, as the agent does at its start.</summary>
    /// <returns>True if Loki has more than the state knows of.</returns>
    public bool Settle()
    {
        _isRestarted = true;
        return _checkpoints.Settle(_loki.NewestNs > _checkpoints.NewestSentNs, cannotAskLoki: false);
    }

    /// <summary>Ends the agent's first start.</summary>
    public void EndFirstStart() => _checkpoints.EndFirstStart();

    /// <summary>Lets the agent start although it can't query Loki.</summary>
    public bool SettleWithoutLoki() => _checkpoints.Settle(_checkpoints.IsFirstStart, cannotAskLoki: true);

    /// <summary>Number of queries for the records that Loki has.</summary>
    public int Queries => _loki.Queries;

    /// <summary>Reads the files of the state directory.</summary>
    public IReadOnlyDictionary<string, byte[]> ReadState() => Directory.GetFiles(this["state"]).ToDictionary(path => path, File.ReadAllBytes);

    /// <summary>Saves what kubelet deletes once the agent has stopped. The lane has ended.</summary>
    public OwnLogTail? SavePendingDeletion() => _source.Logs.ShutdownFiles.SavePendingDeletion(TimeSpan.FromMinutes(1));

    /// <summary>Stops the agent while Loki is unavailable, and starts it again.</summary>
    /// <param name="meanwhile">Action during the grace period.</param>
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
        _lifetime.Cancel();
        _lifetime.Dispose();
        _lane.Dispose();
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    private void Save()
    {
        while (_source.TrySaveNext())
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
        _tailing = Services.ForTailing(this["state"], _checkpoints, Clock, Metrics, Messages, _inheritedFiles, Taps);
        _source = new FileSource(_options, _budget, _files, _tailing, Messages.CreateLogger("Lanes"));
        _lane = new Lane("lane", _options, _source, Senders.Create(_loki, Clock, Messages, Metrics), _checkpoints, new StageServices(Clock, Messages, Metrics, new Heartbeat(Time)));
    }

    private sealed class FakeLoki(TimeProvider time) : IPushClient
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

        public Task<PushAnswer> ProbeAsync(CancellationToken stopping) => Task.FromResult(StoredEntries.ProbeAnswer);

        public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping) =>
            Task.FromResult(new QueryAnswer(QueryOutcome.Answered));

        public int Queries { get; private set; }

        public long NewestNs => _entries.Values.SelectMany(entries => entries).Max(entry => (entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos);

        public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping)
        {
            Queries++;
            return Task.FromResult(StoredEntries.Answer(_entries, fromNs, toNs, found));
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
                return Task.FromResult(LokiAnswers.Read(400, LokiMessages.Group(refusals)) with { Date = time.GetUtcNow() });
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

        public void DropPending()
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
