using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Shipper.Agents;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Records;
using Shipper.Tailing;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;
using Shipper.Testing;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>
/// A random run of a node: containers print; their files are rotated, compressed, truncated and deleted; the agent reads, is killed and started again. The seed
/// determines the order. The invariants: every record arrives, in order, unless its file was deleted while the agent did not hold it open (because it was down
/// or died, or could hold no more files) or was truncated. If records are missing, the bytes that were in a file at the agent's last scan are counted as lost.
/// Only records of an unanswered push may arrive twice. A shutdown saves the held files, a successor agent inherits them open, and each counted loss is
/// reported in its stream once.
/// </summary>
internal sealed class ModelRun : IDisposable
{
    private const int MaxLineBytes = 8 * 1024;
    private const long Unlimited = long.MaxValue;
    private const int MaxSettleSeconds = 4_000;

    // The timeout of a push, and the minimum length of a freeze: shorter freezes go unnoticed.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MinFreeze = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongFreeze = TimeSpan.FromSeconds(150);
    private static readonly string[] Kinds = ["pods", "files"];
    private static readonly string[] LossReasons = ["deleted", "truncated", "held_bytes", "damaged_gzip"];

    private readonly int _seed;
    private readonly Random _random;
    private readonly string _root = Directory.CreateTempSubdirectory("shipper-model-").FullName;

    // In memory if the machine has /dev/shm: otherwise thousands of runs would spend their time waiting for the disk.
    private readonly string _state = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/shipper-model-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("shipper-model-").FullName;

    private readonly FakeTimeProvider _time;
    private readonly ShiftedTimeProvider _clock;
    private readonly ShiftedTimeProvider _lokiClock;
    private readonly ModelLoki _loki;

    // A separate generator, so that the runs without clock changes stay the same.
    private readonly Random _clocks;
    private readonly bool _areClocksSet;
    private readonly Random _quiets;
    private readonly List<ModelContainer> _containers = [];
    private readonly List<string> _history = [];
    private readonly int _actions;

    // Some runs have a Loki that accepts everything.
    private readonly bool _isLokiUnreliable;

    // Small, so that lines and their parts often cross the edge of a buffer.
    private readonly int _readBufferBytes;

    // In some runs it is so small that the agent has to release deleted files.
    private readonly long _heldBytes;

    // In some runs, power losses and full disks leave NULs and torn lines in the files.
    private readonly bool _hasDamage;
    private long _nulBytes;
    // In some runs there are so few that streams take turns. Then a file may be deleted while the agent does not hold it open.
    private readonly int _maxFiles;
    private AgentMetrics _metrics = new();
    // The version of the attributes that records are sent with.
    private int _version;
    private int _disks;
    private long _lostBytes;
    private DateTimeOffset _thawsAt;
    private AgentRun? _agent;

    // Null if records are not processed.
    private readonly ModelRules? _rules;
    private readonly ModelDrops? _drops;

    // False once records may have been read twice: after a crash, a refusal or a lost answer.
    private bool _isReadOnce;

    // Some runs with rules have no crash, so that counts are exact.
    private readonly bool _isCalm;

    /// <param name="isProcessed">True if containers print stack traces, and rules apply to what they print.</param>
    public ModelRun(int seed, int actions, bool isProcessed = false)
    {
        _seed = seed;
        _rules = isProcessed ? new ModelRules(seed) : null;
        _drops = isProcessed ? new ModelDrops(_rules!) : null;
        _random = new Random(seed);
        _actions = actions;
        _readBufferBytes = _random.Next(128, 16 * 1024);
        _heldBytes = _random.Next(4) == 0 ? _random.Next(1, 32 * 1024) : Unlimited;
        _maxFiles = seed % 4 == 3 ? 4 + (seed / 4 % 4) : int.MaxValue;
        _isLokiUnreliable = seed % 3 > 0;
        _hasDamage = seed % 4 == 0;
        _areClocksSet = seed % 4 == 1;
        _isReadOnce = !_isLokiUnreliable && !_areClocksSet;
        _isCalm = isProcessed && _isReadOnce && seed % 9 == 0;
        _clocks = new Random(seed);
        _quiets = new Random(seed);

        // Earlier than the creation of the files: rotation order is derived from creation times, which must not precede what was written to earlier files. The
        // time of day depends on the seed: it determines the length of lines, and thus where buffers cut them.
        _time = new FakeTimeProvider(new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(-1).AddTicks(new Random(seed).NextInt64(TimeSpan.TicksPerDay)));
        _clock = new ShiftedTimeProvider(_time);
        _lokiClock = new ShiftedTimeProvider(_time);
        _loki = new ModelLoki(new Random(seed), _lokiClock);
        if (_areClocksSet && _clocks.Next(6) == 0)
        {
            _lokiClock.Ahead = TimeSpan.FromDays(_clocks.Next(2) == 0 ? 8 : -8);
        }

        foreach (string kind in Kinds)
        {
            Directory.CreateDirectory(Path.Combine(_root, kind + "-0"));
            Directory.CreateSymbolicLink(Path.Combine(_root, kind), Path.Combine(_root, kind + "-0"));
        }
    }

    /// <summary>True if every deleted file stays open until all of it is acknowledged.</summary>
    private bool HoldsAll => _heldBytes == Unlimited && _maxFiles == int.MaxValue;

    /// <summary>Runs the model and checks the invariants.</summary>
    public void Execute()
    {
        AddContainer();
        AddContainer();
        Start();
        for (int i = 0; i < _actions; i++)
        {
            Act();
        }

        foreach (ModelContainer container in _containers.Where(container => !container.IsGone))
        {
            container.FinishLines();
        }

        if (_agent is null)
        {
            Start();
        }

        Settle();
        Check();
    }

    public void Dispose()
    {
        _agent?.Dispose();
        Directory.Delete(_root, recursive: true);
        Directory.Delete(_state, recursive: true);
    }

    /// <summary>A message with the seed and the history.</summary>
    public string Explain(string message) => $"seed {_seed}: {message}\n{string.Join('\n', _history.TakeLast(_rules is null ? 400 : 2_000))}\n{string.Join('\n', _loki.Stored.Select(stream => $"{stream.Key}: {string.Join(_rules is null ? " " : "\n", stream.Value.Select(entry => _rules is null ? entry.Line.Split(' ').ElementAtOrDefault(1) : Short(entry.Line)))}"))}";

    private void AddContainer()
    {
        // The order of lumberjack's and log4j's rotated names is derived from the files' creation times, which can't be set to the model's clock.
        RotationStyle style = (RotationStyle)_random.Next(_areClocksSet ? 3 : 5);
        bool isNumbered = style == RotationStyle.Dated || _random.Next(2) == 0;
        _containers.Add(new ModelContainer(_root, _containers.Count, style, isNumbered, _random, _time, _clock, _history) { IsProcessed = _rules is not null });
    }

    private void Act()
    {
        if (_loki.IsFrozen && _time.GetUtcNow() >= _thawsAt)
        {
            Note("Loki continues");
            _loki.Thaw();
        }

        ModelContainer container = _containers[_random.Next(_containers.Count)];
        int action = _random.Next(100);
        if (_random.Next(10) == 0)
        {
            _version++;
            Note($"the pods' attributes change: v={_version}");
        }

        if (_areClocksSet && _clocks.Next(12) == 0)
        {
            SetClock();
        }

        if (_rules is not null && _quiets.Next(40) == 0 && _agent is not null && !_loki.IsFrozen)
        {
            StayQuiet();
        }

        bool isHeld = _agent is not null && HoldsAll;
        if (_containers.Find(candidate => !candidate.IsGone && candidate.IsDue) is { } due)
        {
            Note($"{due.Name} finishes");
            due.FinishLines();
        }
        else if (action < 35 && !container.IsGone)
        {
            Note($"{container.Name} prints");
            container.Print();
            if (_rules is not null && _random.Next(6) == 0)
            {
                // Longer than a group waits for its next line.
                Advance(TimeSpan.FromSeconds(2.5));
            }
        }
        else if (action < 39 && !container.IsGone)
        {
            Note($"{container.Name} prints half a line");
            container.PrintHalf();
        }
        else if (action < 41 && !container.IsGone && _hasDamage)
        {
            Note($"{container.Name} is damaged at its end");
            container.Damage();
        }
        else if (action < 47 && !container.IsGone)
        {
            RotateOnceOrOften(container);
        }
        else if (action < 50 && !container.IsGone)
        {
            Scan();
            Note($"{container.Name} loses its oldest file");
            container.DeleteOldest(isHeld);
        }
        else if (action < 52 && !container.IsGone && !container.HasPartialLine)
        {
            Note($"{container.Name} is truncated");
            container.Truncate();
            Scan();
        }
        else if (action < 55 && !container.IsGone)
        {
            Scan();
            Note($"{container.Name} restarts");
            container.Restart(isHeld);
            Scan();
        }
        else if (action < 56 && !container.IsGone && _containers.Count > 1)
        {
            Scan();
            Note($"{container.Name} is deleted");
            container.Delete(isHeld);
        }
        else if (action < 59 && !container.IsGone)
        {
            Scan();
            Note($"{container.Name} is recreated");
            container.Recreate(isHeld, leavesLinks: _random.Next(2) == 0);
            if (_random.Next(2) == 0)
            {
                Scan();
            }
        }
        else if (action < 61 && _containers.Count < 4)
        {
            Note("a pod appears");
            AddContainer();
        }
        else if (action == 61 && _disks == 0)
        {
            MoveToAnotherDisk();
        }
        else if (action < 66 && !_isCalm)
        {
            StopOrStart();
        }
        else if (action < 80)
        {
            Turn();
        }
        else if (action < 93)
        {
            Answer();
        }
        else
        {
            Advance(TimeSpan.FromMilliseconds(_random.Next(100, 3000)));
        }
    }

    /// <summary>Sets a clock, the node's more often than Loki's. It may have been right or wrong before.</summary>
    private void SetClock()
    {
        TimeSpan[] steps =
        [
            TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(-20), TimeSpan.FromSeconds(_clocks.Next(-900, 900)),
            TimeSpan.FromHours(3), TimeSpan.FromHours(-3), TimeSpan.FromDays(9), TimeSpan.FromDays(-9), DateTimeOffset.UnixEpoch.AddDays(1) - _time.GetUtcNow(),
        ];
        if (_clocks.Next(5) == 0 && _lokiClock.Ahead.Duration() < TimeSpan.FromDays(1))
        {
            _lokiClock.Ahead = steps[_clocks.Next(5)];
            Note($"Loki's clock is {_lokiClock.Ahead} ahead");
            return;
        }

        // The age of a partial line depends on its time.
        _containers.FindAll(container => !container.IsGone).ForEach(container => container.FinishLines());
        _clock.Ahead = steps[_clocks.Next(steps.Length)];
        Note($"the node's clock is {_clock.Ahead} ahead");
    }

    /// <summary>Sometimes a log is rotated faster than the agent scans.</summary>
    private void RotateOnceOrOften(ModelContainer container)
    {
        Rotate(container);
        for (int more = _random.Next(4) == 0 ? _random.Next(1, 4) : 0; more > 0; more--)
        {
            container.Print();
            Rotate(container);
        }
    }

    /// <summary>Half of the scans before and after are left out, so that several rotations may happen between two scans.</summary>
    private void Rotate(ModelContainer container)
    {
        // If names go back in time, only an agent that saw each of them appear knows their order.
        bool setsClockBack = _agent is not null && container.Style == RotationStyle.Dated && _random.Next(6) == 0;
        if (setsClockBack || _random.Next(2) == 0)
        {
            Scan();
        }

        bool compresses = _random.Next(3) > 0;
        Note($"{container.Name} is rotated, {container.Style}, compressing {compresses}{(setsClockBack ? ", an hour back" : "")}");
        container.Rotate(compresses, setsClockBack);
        if (setsClockBack || _random.Next(2) == 0)
        {
            Scan();
        }
    }

    /// <summary>All files are copied, the links in their paths are changed, and the old files are deleted.</summary>
    private void MoveToAnotherDisk()
    {
        Note("the files move to another disk");
        foreach (string kind in Kinds)
        {
            string link = Path.Combine(_root, kind);
            string old = $"{link}-{_disks}";
            string disk = $"{link}-{_disks + 1}";
            Directory.CreateDirectory(disk);
            foreach (string directory in Directory.EnumerateDirectories(old, "*", SearchOption.AllDirectories))
            {
                Directory.CreateDirectory(disk + directory[old.Length..]);
            }

            foreach (string file in Directory.EnumerateFiles(old, "*", SearchOption.AllDirectories))
            {
                File.Copy(file, disk + file[old.Length..]);
                File.SetLastWriteTimeUtc(disk + file[old.Length..], File.GetLastWriteTimeUtc(file));
            }

            Directory.Delete(link);
            Directory.CreateSymbolicLink(link, disk);
            Directory.Delete(old, recursive: true);
        }

        _disks++;
    }

    private void StopOrStart()
    {
        if (_agent is null)
        {
            Start();
            return;
        }

        if (_containers.Exists(container => container.HasNamesOutOfOrder))
        {
            return;
        }

        bool isStored = _random.Next(2) == 0;
        if (_random.Next(3) == 0)
        {
            HandOver(isStored);
            return;
        }

        bool isStopped = _random.Next(2) == 0;
        Note($"the agent is {(isStopped ? "stopped" : "killed")}, its push {(isStored ? "stored" : "not stored")}");
        _loki.Die(isStored);
        while (isStopped && _agent.Source.TrySaveNext())
        {
        }

        EndAgent(isStopped);
    }

    /// <summary>A successor agent takes over, with the open files: nothing is lost.</summary>
    private void HandOver(bool isStored)
    {
        _isReadOnce = false;
        Note($"another agent takes over, a push {(isStored ? "stored" : "not stored")}");
        _loki.Die(isStored);
        _agent!.Discovery.Scan(isFull: false);
        var files = new Dictionary<int, InheritedFile>();
        _agent.Source.Logs.HandOver(files);
        MarkSeen();
        _agent.Dispose();
        _agent = null;
        ModelContainer container = _containers[_random.Next(_containers.Count)];
        int between = _random.Next(8);
        if (between == 0 && !container.IsGone)
        {
            Note($"meanwhile {container.Name} is rotated");
            container.Rotate(_random.Next(2) == 0, setsClockBack: false);
        }
        else if (between == 1 && !container.IsGone)
        {
            Note($"meanwhile {container.Name} loses its oldest file");
            container.DeleteOldest(HoldsAll);
        }
        else if (between == 2 && !container.IsGone && _containers.Count > 1)
        {
            Note($"meanwhile {container.Name} is deleted");
            container.Delete(HoldsAll);
        }

        _agent = CreateAgent(files);
        Assert.DoesNotContain(files.Values, file => file.Handle is not null);
        Scan();
    }

    private void Start()
    {
        Note("the agent starts");
        _metrics = new AgentMetrics();
        _agent = CreateAgent([]);
        Scan();
    }

    private AgentRun CreateAgent(Dictionary<int, InheritedFile> open) =>
        new(_root, _state, open, _loki, _clock, _metrics, new HistoryLog(_history), _readBufferBytes, _heldBytes, _maxFiles, () => _version, _rules);

    private void EndAgent(bool isStopped)
    {
        _isReadOnce = false;
        _lostBytes += LostBytes();
        _drops?.Add(_metrics);
        _nulBytes += _metrics.LostBytes.Get(Shipper.Telemetry.LossReasons.NulBytes);
        _agent!.Dispose();
        _agent = null;
        _containers.ForEach(container =>
        {
            if (isStopped)
            {
                container.AgentStopped();
            }
            else
            {
                container.AgentDied();
            }
        });
    }

    /// <summary>The agent scans the directories and files, without reading.</summary>
    private void Scan()
    {
        if (_agent is not null)
        {
            _agent.Discovery.Scan(isFull: true);
            _agent.Source.DrainInbox();
            MarkSeen();
        }
    }

    private void MarkSeen() => _containers.ForEach(container => container.MarkSeen());

    private void Turn()
    {
        Note("the agent turns");
        if (_agent is not null)
        {
            _agent.Discovery.Scan(isFull: true);
            int turns = _random.Next(1, 4);
            for (int i = 0; i < turns; i++)
            {
                _agent.Lane.Turn(isStopping: false, out _, _agent.Running);
            }

            MarkSeen();
        }
    }

    private void Answer()
    {
        if (_loki.IsFrozen)
        {
            TimeOut();
        }
        else if (_agent is not null && _loki.HasPending)
        {
            if (_isLokiUnreliable && _random.Next(8) == 0)
            {
                Freeze();
                return;
            }

            if (_isLokiUnreliable)
            {
                Note($"Loki answers {_loki.AnswerRandomly()}");
            }
            else
            {
                Note("Loki answers");
                _loki.Answer();
            }

            _agent.Lane.Turn(isStopping: false, out _, _agent.Running);
        }
    }

    /// <summary>Little is printed for over a minute, so that limits report what they have counted.</summary>
    private void StayQuiet()
    {
        Note("little is printed for over a minute");
        for (int i = 0; i < 25; i++)
        {
            _containers.FindAll(container => !container.IsGone && container.IsDue).ForEach(container => container.FinishLines());
            Advance(TimeSpan.FromSeconds(3));
            if (_loki.HasPending && _quiets.Next(4) > 0)
            {
                Note($"Loki answers {(_isLokiUnreliable ? _loki.AnswerRandomly() : "")}");
                if (!_isLokiUnreliable)
                {
                    _loki.Answer();
                }
            }
        }
    }

    /// <summary>Loki freezes for some seconds, and sometimes for longer than the agent waits before it resends without an answer.</summary>
    private void Freeze()
    {
        Note("Loki freezes");
        _loki.Freeze();
        _thawsAt = _time.GetUtcNow() + (MinFreeze * (1 + (3 * _random.NextDouble())));
        if (_random.Next(4) == 0)
        {
            for (_thawsAt = _time.GetUtcNow() + LongFreeze; _time.GetUtcNow() < _thawsAt;)
            {
                _containers.FindAll(container => !container.IsGone && container.IsDue).ForEach(container => container.FinishLines());
                TimeOut();
            }
        }
    }

    /// <summary>A frozen Loki does not answer in time.</summary>
    private void TimeOut()
    {
        Advance(Timeout);
        if (_agent is not null && _loki.HasPending)
        {
            Note("Loki does not answer in time");
            _loki.TimeOut();
        }
    }

    private void Advance(TimeSpan time)
    {
        _time.Advance(time);
        _loki.Work(time);
        if (_agent is not null)
        {
            _agent.Discovery.Scan(isFull: true);
            _agent.Lane.Turn(isStopping: false, out _, _agent.Running);
            MarkSeen();
        }
    }

    /// <summary>Runs until everything that can still arrive has arrived.</summary>
    private void Settle()
    {
        _loki.Thaw();
        for (int quiet = 0; quiet < (_rules is null ? 50 : 80) || (_rules is not null && quiet < MaxSettleSeconds && _agent!.PendingBytes > 0); quiet++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _loki.Work(TimeSpan.FromSeconds(1));
            _agent!.Discovery.Scan(isFull: true);
            for (int i = 0; i < 200; i++)
            {
                if (_loki.HasPending)
                {
                    quiet = Math.Min(quiet, 10);
                    _loki.Answer();
                }

                if (!_agent.Lane.Turn(isStopping: false, out _, _agent.Running) && !_loki.HasPending)
                {
                    break;
                }
            }
        }
    }

    private void Check()
    {
        long lost = _lostBytes + LostBytes();
        long missingBytes = 0;
        long reportedBytes = 0;
        Assert.True(_metrics.InternalErrors.Get() == 0, Explain("an internal error"));
        var dropped = new List<string>();
        var droppedOrLost = new List<string>();
        foreach (ModelContainer container in _containers)
        {
            string selector = AgentRun.Labels(new ContainerName("ns", container.Name, "main", "")).Selector;
            List<EntryAdapter> stored = _loki.Stored.GetValueOrDefault(selector) ?? [];
            if (_rules is not null)
            {
                ModelAudit audit = Audit(container, stored, lost);
                dropped.AddRange(audit.Dropped);
                droppedOrLost.AddRange(audit.DroppedOrLost);
                missingBytes += container.SeenBytesOf(audit.Lost);
                reportedBytes += stored.Where(IsLossReport).Distinct().Sum(entry => long.Parse(entry.StructuredMetadata.First(pair => pair.Name == "lost_bytes").Value, CultureInfo.InvariantCulture));
                continue;
            }

            var seen = new Dictionary<string, EntryAdapter>();
            var sent = new Dictionary<string, EntryAdapter>();
            var first = new List<string>();
            var late = new List<string>();
            var notices = new HashSet<EntryAdapter>();
            foreach (EntryAdapter entry in stored)
            {
                if (entry.StructuredMetadata.FirstOrDefault(pair => pair.Name == "lost_bytes") is { } bytes)
                {
                    reportedBytes += notices.Add(entry) ? long.Parse(bytes.Value, CultureInfo.InvariantCulture) : 0;
                    continue;
                }

                if (IsRestOfLost(entry.Line, container))
                {
                    continue;
                }

                // If a line before it was lost, its time may differ: lines of the same nanosecond get times that depend on their neighbors, and so do moved
                // lines. Such a time may be the line's own, so that it has no original_timestamp.
                if (!sent.TryAdd(entry.Line, entry)
                    && ((!sent[entry.Line].StructuredMetadata.Equals(entry.StructuredMetadata) && (lost == 0 || !_areClocksSet)) || (lost == 0 && !sent[entry.Line].Equals(entry))))
                {
                    Assert.Fail(Explain($"{container.Name}: sent in two forms: {Short(sent[entry.Line].ToString())} and {Short(entry.ToString())}"));
                }

                string line = WithoutRestOfLost(entry.Line, container);
                if (seen.TryAdd(line, entry))
                {
                    (_loki.StoredLate.Contains(entry.Line) ? late : first).Add(line);
                }
                else if (lost == 0 || seen[line].Timestamp.Equals(entry.Timestamp))
                {
                    // The line may have arrived alone first. Then the end of a partial line before it was lost, and it arrives again, joined to that line's
                    // beginning and with its time. A resend query does not find it either if the line before it, which has the same nanosecond, was lost.
                    Assert.Fail(Explain($"{container.Name}: stored twice: {Short(line)}"));
                }
            }

            if (_areClocksSet)
            {
                // Loki stores what it accepts of a request before the agent resends what it refused.
                var order = new Dictionary<string, int>();
                container.Expected.ForEach(expected => order.TryAdd(SentText(expected), order.Count));
                first.Sort((a, b) => order.GetValueOrDefault(a, int.MaxValue).CompareTo(order.GetValueOrDefault(b, int.MaxValue)));
            }

            var missing = new List<string>();
            int next = 0;
            foreach (string expected in container.Expected)
            {
                if (next < first.Count && first[next] == SentText(expected))
                {
                    next++;
                }
                else if (!late.Contains(SentText(expected)))
                {
                    missing.Add(expected);
                }
            }

            if (next < first.Count)
            {
                Assert.Fail(Explain($"{container.Name}: not expected here: {Short(first[next])} behind {(next == 0 ? "nothing" : Short(first[next - 1]))}"));
            }

            if (missing.Find(record => !container.MayBeLost.Contains(record)) is { } gone)
            {
                Assert.Fail(Explain($"{container.Name}: lost {Short(gone)}; {missing.Count} missing, {lost} bytes counted as lost"));
            }

            missingBytes += container.SeenBytesOf(missing);
        }

        long nuls = _nulBytes + _metrics.LostBytes.Get(Shipper.Telemetry.LossReasons.NulBytes);
        if (reportedBytes != lost + nuls)
        {
            Assert.Fail(Explain($"{lost} bytes counted as lost and {nuls} NULs, {reportedBytes} reported"));
        }

        long written = _containers.Sum(container => container.NulBytes);
        if (nuls > written || (nuls < written && lost == 0 && _containers.TrueForAll(container => !container.IsGone && container.MayBeLost.Count == 0)))
        {
            Assert.Fail(Explain($"{nuls} NULs counted of {written}"));
        }

        if (missingBytes > lost)
        {
            Assert.Fail(Explain($"{missingBytes} known bytes are missing, {lost} counted as lost"));
        }

        _drops?.Add(_metrics);
        bool isComplete = lost == 0 && !_areClocksSet;
        if ((_drops?.Check(dropped, droppedOrLost, _version, _isReadOnce) ?? (isComplete ? _drops?.CheckReports(_loki.Stored.Values.SelectMany(entries => entries.Distinct())) : null)) is { } problem)
        {
            Assert.Fail(Explain(problem));
        }
    }

    private ModelAudit Audit(ModelContainer container, List<EntryAdapter> stored, long lost)
    {
        var audit = new ModelAudit(container, _rules!, lost > 0, !_areClocksSet, _loki.StoredLate, _version);
        if (audit.Check(stored.Where(entry => !IsLossReport(entry))) is { } problem)
        {
            Assert.Fail(Explain($"{container.Name}: {problem}; {lost} bytes counted as lost"));
        }

        return audit;
    }

    private static bool IsLossReport(EntryAdapter entry) => entry.StructuredMetadata.Any(pair => pair.Name == "lost_bytes");

    /// <summary>
    /// Parts of a line may be lost with their file; the other parts arrive, and those of two such lines arrive as one record. The same holds for a half-written
    /// line; without a whole header it arrives as it is in the file.
    /// </summary>
    private static bool IsRestOfLost(string line, ModelContainer container) =>
        container.Halves.Exists(half => half.Written == line && container.MayBeLost.Contains(half.Record))
        || container.MayBeLost.Any(record => record.Length > line.Length && record.Contains(line, StringComparison.Ordinal))
        || container.Beginnings.Exists(beginning => line.Length > beginning.Length
            && line.StartsWith(beginning, StringComparison.Ordinal)
            && container.MayBeLost.Any(record => record.Contains(beginning, StringComparison.Ordinal))
            && IsRestOfLost(line[beginning.Length..], container));

    /// <summary>If the end of a line was lost with its file, nothing separates its beginning from the next line.</summary>
    private static string WithoutRestOfLost(string line, ModelContainer container)
    {
        foreach (string beginning in container.Beginnings.Where(beginning => line.Length > beginning.Length
            && line.StartsWith(beginning, StringComparison.Ordinal)
            && container.MayBeLost.Any(record => record.Contains(beginning, StringComparison.Ordinal))))
        {
            string rest = WithoutRestOfLost(line[beginning.Length..], container);
            if ((container.Expected.Find(record => SentText(beginning + record) == line) ?? container.Expected.Find(record => record == rest)) is { } record)
            {
                return SentText(record);
            }
        }

        return line;
    }

    private long LostBytes() => LossReasons.Sum(_metrics.LostBytes.Get);

    /// <summary>The text that is sent for a record.</summary>
    private static string SentText(string text)
    {
        if (text.Length <= MaxLineBytes)
        {
            return text;
        }

        int markerLength = "…[truncated "u8.Length + text.Length.ToString(CultureInfo.InvariantCulture).Length + " bytes]".Length;
        int kept = MaxLineBytes - markerLength;
        return string.Create(CultureInfo.InvariantCulture, $"{text[..kept]}…[truncated {text.Length - kept} bytes]");
    }

    private static string Short(string line) => line.Length > 200 ? line[..200] + "…" : line;

    private void Note(string what) => _history.Add(what);

    /// <summary>One run of the agent, turned by the model.</summary>
    private sealed class AgentRun : IDisposable
    {
        // Short, because random delays must not change what happens.
        private static readonly RetryOptions Retry = new() { Initial = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromMilliseconds(100) };

        private readonly CheckpointStore _checkpoints;
        private readonly CancellationTokenSource _running = new();

        public AgentRun(
            string root, string state, Dictionary<int, InheritedFile> open, ModelLoki loki, TimeProvider time, AgentMetrics metrics, HistoryLog history, int readBufferBytes, long heldBytes,
            int maxFiles, Func<int> version, ModelRules? rules)
        {
            var batch = new BatchOptions { Size = 2048, Wait = TimeSpan.FromMilliseconds(200) };
            var options = new LaneOptions(batch, MaxLineBytes, readBufferBytes);
            _checkpoints = CheckpointStore.Open(state, history, metrics);
            var heartbeat = new Heartbeat(time);
            TailingServices tailing = Services.ForTailing(state, _checkpoints, time, metrics, history, open);
            Source = new FileSource(options, new HeldBudget(heldBytes), new FileBudget(maxFiles), tailing, history);
            Lane = new Lane("lane", options, Source, Senders.Create(loki, time, history, metrics, new LokiOptions { Retry = Retry }), _checkpoints, new StageServices(time, history, metrics, heartbeat));
            var containers = new ContainerSourceOptions
            {
                Include = [$"{root}/containers/*.log", $"{root}/files/*.log"],
                Tailer = new TailerOptions { MaxLineBytes = MaxLineBytes },
            };
            var location = new ContainerLocation(containers, (container, _) => new VersionedAttributes(Labels(container), version, rules), new FileOwners(_checkpoints, time));
            Discovery = new LogDiscovery(
                [location],
                containers.ScanInterval, new LaneRouter([(Lane, Source)]), time, history, metrics, heartbeat);
            Discovery.Scan(isFull: true, isInitial: _checkpoints.IsFirstStart);
            Source.DrainInbox();
            OrphanedStreams.Resume(tailing, Discovery.LogPaths.ToHashSet(), Discovery.CanReappear, (key, path) =>
            {
                LogFound found = location.IdentifyDeleted(key, path)!;
                found.RotatedLog.IsUnlinked = true;
                Source.Publish(found);
                return true;
            });
            Source.DrainInbox();
        }

        public FileSource Source { get; }

        public Lane Lane { get; }

        public LogDiscovery Discovery { get; }

        /// <summary>Canceled when this run of the agent ends.</summary>
        public CancellationToken Running => _running.Token;

        /// <summary>Bytes that are not acknowledged, as the agent knows them.</summary>
        public long PendingBytes
        {
            get
            {
                var status = new LaneStatus("model");
                Source.Describe(status);
                return status.Totals.Pending;
            }
        }

        public static StreamLabels Labels(ContainerName container) => StreamLabels.Create(LabelsOf(container));

        public void Dispose()
        {
            _running.Cancel();
            _running.Dispose();
            Lane.Dispose();
            Discovery.Dispose();
            _checkpoints.Dispose();
        }

        /// <summary>Attributes that change when the model says so; each entry contains the version that it was sent with.</summary>
        private sealed class VersionedAttributes(StreamLabels labels, Func<int> version, ModelRules? rules) : IAttributeSource
        {
            public bool IsReadable(int restart) => true;

            public StreamAttributes Get(int restart) =>
                new(labels, EntryMetadata.Encode("v"u8, System.Text.Encoding.UTF8.GetBytes(version().ToString(CultureInfo.InvariantCulture))), hasOutput: true, rules?.RulesOf(version()));
        }

        private static Dictionary<string, string> LabelsOf(ContainerName container) => new() { ["pod"] = container.Pod };
    }
}
