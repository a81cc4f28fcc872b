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
using Shipper.Tailing;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;
using Shipper.Testing;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>
/// One life of a node: containers print, their files are rotated, compressed, truncated and deleted, the agent turns, is
/// killed and started again, in an order that the seed decides. The law: every record arrives, in order, unless its file went
/// while the agent did not hold it open: because it was down or died, might hold no more, or because the file was emptied. Of
/// what is missing, the bytes that stood in a file when the agent last looked are counted as lost. Twice arrives only what stood
/// in a push without an answer. A stop saves what the agent held, another agent that takes its place has it open, and what is counted as lost is told of in its
/// stream, once.
/// </summary>
internal sealed class ModelRun : IDisposable
{
    private const int MaxLineBytes = 8 * 1024;
    private const long Unlimited = long.MaxValue;

    // Of a push, and of a Loki that stands still: shorter ones are not noticed.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MinFreeze = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongFreeze = TimeSpan.FromSeconds(150);
    private static readonly string[] Kinds = ["pods", "files"];
    private static readonly string[] LossReasons = ["deleted", "truncated", "held_bytes", "damaged_gzip"];

    private readonly int _seed;
    private readonly Random _random;
    private readonly string _root = Directory.CreateTempSubdirectory("shipper-model-").FullName;

    // In memory where there is such a place: thousands of lives would spend their time waiting for the disk.
    private readonly string _state = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/shipper-model-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("shipper-model-").FullName;

    private readonly FakeTimeProvider _time;
    private readonly ShiftedTime _clock;
    private readonly ShiftedTime _lokiClock;
    private readonly ModelLoki _loki;

    // Draws of its own, so that a life without clocks that are set is what it was.
    private readonly Random _clocks;
    private readonly bool _areClocksSet;
    private readonly List<ModelContainer> _containers = [];
    private readonly List<string> _history = [];
    private readonly int _actions;

    // Some lives are as they were with a Loki that only ever takes.
    private readonly bool _isLokiBad;

    // Small, so that lines and their parts often stand across the edge of a buffer.
    private readonly int _readBufferBytes;

    // In some lives so few that deleted files have to be let go.
    private readonly long _heldBytes;

    // In some lives power losses and full disks leave NULs in the files, and torn lines.
    private readonly bool _hasDamage;
    private long _nulBytes;
    // In some lives so few files may be open that streams take turns. Then a file may be deleted while nobody holds it open.
    private readonly int _maxFiles;
    private AgentMetrics _metrics = new();
    // Which attributes records are sent with.
    private int _version;
    private int _disks;
    private long _lostBytes;
    private DateTimeOffset _thawsAt;
    private Life? _life;

    public ModelRun(int seed, int actions)
    {
        _seed = seed;
        _random = new Random(seed);
        _actions = actions;
        _readBufferBytes = _random.Next(128, 16 * 1024);
        _heldBytes = _random.Next(4) == 0 ? _random.Next(1, 32 * 1024) : Unlimited;
        _maxFiles = seed % 4 == 3 ? 4 + (seed / 4 % 4) : int.MaxValue;
        _isLokiBad = seed % 3 > 0;
        _hasDamage = seed % 4 == 0;
        _areClocksSet = seed % 4 == 1;
        _clocks = new Random(seed);

        // Before the files are made: rotation is told by when they were, and that was not before what was written to the ones before them. The time of day is
        // the seed's: it decides how long lines are, and so where they are cut.
        _time = new FakeTimeProvider(new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(-1).AddTicks(new Random(seed).NextInt64(TimeSpan.TicksPerDay)));
        _clock = new ShiftedTime(_time);
        _lokiClock = new ShiftedTime(_time);
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

    /// <summary>True if whatever is deleted stays open until it is acknowledged.</summary>
    private bool HoldsAll => _heldBytes == Unlimited && _maxFiles == int.MaxValue;

    /// <summary>Lives it, and checks the law.</summary>
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

        if (_life is null)
        {
            Start();
        }

        Settle();
        Check();
    }

    public void Dispose()
    {
        _life?.Dispose();
        Directory.Delete(_root, recursive: true);
        Directory.Delete(_state, recursive: true);
    }

    /// <summary>A message with the seed and what was done.</summary>
    public string Explain(string message) => $"seed {_seed}: {message}\n{string.Join('\n', _history.TakeLast(400))}\n{string.Join('\n', _loki.Stored.Select(stream => $"{stream.Key}: {string.Join(" ", stream.Value.Select(entry => entry.Line.Split(' ').ElementAtOrDefault(1)))}"))}";

    private void AddContainer()
    {
        // Rotation to names of lumberjack and log4j is told by when files were made, and that time can't be set as those of a model's clock.
        RotationStyle style = (RotationStyle)_random.Next(_areClocksSet ? 3 : 5);
        bool isNumbered = style == RotationStyle.Dated || _random.Next(2) == 0;
        _containers.Add(new ModelContainer(_root, _containers.Count, style, isNumbered, _random, _time, _clock, _history));
    }

    private void Act()
    {
        if (_loki.IsFrozen && _time.GetUtcNow() >= _thawsAt)
        {
            Note("Loki goes on");
            _loki.Thaw();
        }

        ModelContainer container = _containers[_random.Next(_containers.Count)];
        int action = _random.Next(100);
        if (_random.Next(10) == 0)
        {
            _version++;
            Note($"what is known of the pods changes: v={_version}");
        }

        if (_areClocksSet && _clocks.Next(12) == 0)
        {
            SetClock();
        }

        bool isHeld = _life is not null && HoldsAll;
        if (_containers.Find(candidate => !candidate.IsGone && candidate.IsDue) is { } due)
        {
            Note($"{due.Name} finishes");
            due.FinishLines();
        }
        else if (action < 35 && !container.IsGone)
        {
            Note($"{container.Name} prints");
            container.Print();
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
            See();
            Note($"{container.Name} loses its oldest file");
            container.DeleteOldest(isHeld);
        }
        else if (action < 52 && !container.IsGone && !container.HasOpenLine)
        {
            Note($"{container.Name} is truncated");
            container.Truncate();
            See();
        }
        else if (action < 55 && !container.IsGone)
        {
            See();
            Note($"{container.Name} restarts");
            container.Restart(isHeld);
            See();
        }
        else if (action < 56 && !container.IsGone && _containers.Count > 1)
        {
            See();
            Note($"{container.Name} is deleted");
            container.Delete(isHeld);
        }
        else if (action < 59 && !container.IsGone)
        {
            See();
            Note($"{container.Name} is created anew");
            container.Recreate(isHeld, leavesLinks: _random.Next(2) == 0);
            if (_random.Next(2) == 0)
            {
                See();
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
        else if (action < 66)
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

    /// <summary>Somebody sets a clock, the node's more often than Loki's, or it was never right.</summary>
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

        // A line that is begun is as old as its time says.
        _containers.FindAll(container => !container.IsGone).ForEach(container => container.FinishLines());
        _clock.Ahead = steps[_clocks.Next(steps.Length)];
        Note($"the node's clock is {_clock.Ahead} ahead");
    }

    /// <summary>Now and then a log is rotated faster than the agent looks.</summary>
    private void RotateOnceOrOften(ModelContainer container)
    {
        Rotate(container);
        for (int more = _random.Next(4) == 0 ? _random.Next(1, 4) : 0; more > 0; more--)
        {
            container.Print();
            Rotate(container);
        }
    }

    /// <summary>Half of the looks around it are left out, so that there are several rotations between two.</summary>
    private void Rotate(ModelContainer container)
    {
        // Names that go back tell their order only to an agent that saw each of them come.
        bool setsClockBack = _life is not null && container.Style == RotationStyle.Dated && _random.Next(6) == 0;
        if (setsClockBack || _random.Next(2) == 0)
        {
            See();
        }

        bool compresses = _random.Next(3) > 0;
        Note($"{container.Name} is rotated, {container.Style}, compressing {compresses}{(setsClockBack ? ", an hour back" : "")}");
        container.Rotate(compresses, setsClockBack);
        if (setsClockBack || _random.Next(2) == 0)
        {
            See();
        }
    }

    /// <summary>All files are copied, the links on the way are turned, and the old files are deleted.</summary>
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
        if (_life is null)
        {
            Start();
            return;
        }

        if (_containers.Exists(container => container.HasNamesGoneBack))
        {
            return;
        }

        bool isStored = _random.Next(2) == 0;
        if (_random.Next(3) == 0)
        {
            Exchange(isStored);
            return;
        }

        bool isStopped = _random.Next(2) == 0;
        Note($"the agent is {(isStopped ? "stopped" : "killed")}, its push {(isStored ? "stored" : "not stored")}");
        _loki.Die(isStored);
        while (isStopped && _life.Source.SaveStep())
        {
        }

        Kill(isStopped);
    }

    /// <summary>Another agent takes the place of the one that runs, with its open files: nobody notices.</summary>
    private void Exchange(bool isStored)
    {
        Note($"another agent takes over, a push {(isStored ? "stored" : "not stored")}");
        _loki.Die(isStored);
        _life!.Discovery.Scan(isFull: false);
        var files = new Dictionary<int, OpenFile>();
        _life.Source.Logs.HandOver(files);
        MarkSeen();
        _life.Dispose();
        _life = null;
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

        _life = CreateLife(files);
        Assert.DoesNotContain(files.Values, file => file.Handle is not null);
        See();
    }

    private void Start()
    {
        Note("the agent starts");
        _metrics = new AgentMetrics();
        _life = CreateLife([]);
        See();
    }

    private Life CreateLife(Dictionary<int, OpenFile> open) =>
        new(_root, _state, open, _loki, _clock, _metrics, new HistoryLog(_history), _readBufferBytes, _heldBytes, _maxFiles, () => _version);

    private void Kill(bool isStopped)
    {
        _lostBytes += LostBytes();
        _nulBytes += _metrics.LostBytes.Get(Shipper.Telemetry.LossReasons.NulBytes);
        _life!.Dispose();
        _life = null;
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

    /// <summary>The agent looks at the directories and the files, without reading.</summary>
    private void See()
    {
        if (_life is not null)
        {
            _life.Discovery.Scan(isFull: true);
            _life.Source.DrainInbox();
            MarkSeen();
        }
    }

    private void MarkSeen() => _containers.ForEach(container => container.MarkSeen());

    private void Turn()
    {
        Note("the agent turns");
        if (_life is not null)
        {
            _life.Discovery.Scan(isFull: true);
            int turns = _random.Next(1, 4);
            for (int i = 0; i < turns; i++)
            {
                _life.Lane.Turn(isStopping: false, out _, _life.Living);
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
        else if (_life is not null && _loki.HasPending)
        {
            if (_isLokiBad && _random.Next(8) == 0)
            {
                Freeze();
                return;
            }

            if (_isLokiBad)
            {
                Note($"Loki answers {_loki.AnswerSomehow()}");
            }
            else
            {
                Note("Loki answers");
                _loki.Answer();
            }

            _life.Lane.Turn(isStopping: false, out _, _life.Living);
        }
    }

    /// <summary>Loki stands still: for some seconds, and now and then for longer than the agent asks in vain.</summary>
    private void Freeze()
    {
        Note("Loki stands still");
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

    /// <summary>A Loki that stands still does not answer in time.</summary>
    private void TimeOut()
    {
        Advance(Timeout);
        if (_life is not null && _loki.HasPending)
        {
            Note("Loki does not answer in time");
            _loki.TimeOut();
        }
    }

    private void Advance(TimeSpan time)
    {
        _time.Advance(time);
        _loki.Work(time);
        if (_life is not null)
        {
            _life.Discovery.Scan(isFull: true);
            _life.Lane.Turn(isStopping: false, out _, _life.Living);
            MarkSeen();
        }
    }

    /// <summary>Everything that can still arrive does.</summary>
    private void Settle()
    {
        _loki.Thaw();
        for (int quiet = 0; quiet < 50; quiet++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _loki.Work(TimeSpan.FromSeconds(1));
            _life!.Discovery.Scan(isFull: true);
            for (int i = 0; i < 200; i++)
            {
                if (_loki.HasPending)
                {
                    quiet = Math.Min(quiet, 10);
                    _loki.Answer();
                }

                if (!_life.Lane.Turn(isStopping: false, out _, _life.Living) && !_loki.HasPending)
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
        long toldBytes = 0;
        Assert.True(_metrics.InternalErrors.Get() == 0, Explain("an internal error"));
        foreach (ModelContainer container in _containers)
        {
            string selector = Life.Labels(new ContainerName("ns", container.Name, "main", "")).Selector;
            List<EntryAdapter> stored = _loki.Stored.GetValueOrDefault(selector) ?? [];
            var seen = new Dictionary<string, EntryAdapter>();
            var sent = new Dictionary<string, EntryAdapter>();
            var first = new List<string>();
            var late = new List<string>();
            var notices = new HashSet<EntryAdapter>();
            foreach (EntryAdapter entry in stored)
            {
                if (entry.StructuredMetadata.FirstOrDefault(pair => pair.Name == "lost_bytes") is { } bytes)
                {
                    toldBytes += notices.Add(entry) ? long.Parse(bytes.Value, CultureInfo.InvariantCulture) : 0;
                    continue;
                }

                if (IsRestOfLost(entry.Line, container))
                {
                    continue;
                }

                // Where a line before it was lost, its time may be another: lines of one nanosecond are told apart by their neighbours, and so are those that were moved
                // behind each other. Such a time may be its own, so that it has no original_timestamp.
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
                    // It may have come alone first. Then the end of an open line before it was lost, and behind that line's beginning, with its time, it comes again.
                    // Nor is it found when it is asked for, once the line before it was lost, whose nanosecond it shares.
                    Assert.Fail(Explain($"{container.Name}: stored twice: {Short(line)}"));
                }
            }

            if (_areClocksSet)
            {
                // Of one request Loki stores what it takes, before it is sent again what it did not.
                var order = new Dictionary<string, int>();
                container.Expected.ForEach(expected => order.TryAdd(Sent(expected), order.Count));
                first.Sort((a, b) => order.GetValueOrDefault(a, int.MaxValue).CompareTo(order.GetValueOrDefault(b, int.MaxValue)));
            }

            var missing = new List<string>();
            int next = 0;
            foreach (string expected in container.Expected)
            {
                if (next < first.Count && first[next] == Sent(expected))
                {
                    next++;
                }
                else if (!late.Contains(Sent(expected)))
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
        if (toldBytes != lost + nuls)
        {
            Assert.Fail(Explain($"{lost} bytes counted as lost and {nuls} NULs, {toldBytes} told of"));
        }

        long written = _containers.Sum(container => container.NulBytes);
        if (nuls > written || (nuls < written && lost == 0 && _containers.TrueForAll(container => !container.IsGone && container.MayBeLost.Count == 0)))
        {
            Assert.Fail(Explain($"{nuls} NULs counted of {written}"));
        }

        if (missingBytes > lost)
        {
            Assert.Fail(Explain($"{missingBytes} bytes that were seen are missing, {lost} counted as lost"));
        }
    }

    /// <summary>
    /// Of a line in several parts some may be lost with their file; the others arrive, those of two such lines as one. So does the half of a line that was written, and if
    /// it has no whole header, as it stands in the file.
    /// </summary>
    private static bool IsRestOfLost(string line, ModelContainer container) =>
        container.Halves.Exists(half => half.Written == line && container.MayBeLost.Contains(half.Record))
        || container.MayBeLost.Any(record => record.Length > line.Length && record.Contains(line, StringComparison.Ordinal))
        || container.Beginnings.Exists(beginning => line.Length > beginning.Length
            && line.StartsWith(beginning, StringComparison.Ordinal)
            && container.MayBeLost.Any(record => record.Contains(beginning, StringComparison.Ordinal))
            && IsRestOfLost(line[beginning.Length..], container));

    /// <summary>Where the end of a line was lost with its file, nothing tells its beginning from that of the next line.</summary>
    private static string WithoutRestOfLost(string line, ModelContainer container)
    {
        foreach (string beginning in container.Beginnings.Where(beginning => line.Length > beginning.Length
            && line.StartsWith(beginning, StringComparison.Ordinal)
            && container.MayBeLost.Any(record => record.Contains(beginning, StringComparison.Ordinal))))
        {
            string rest = WithoutRestOfLost(line[beginning.Length..], container);
            if ((container.Expected.Find(record => Sent(beginning + record) == line) ?? container.Expected.Find(record => record == rest)) is { } record)
            {
                return Sent(record);
            }
        }

        return line;
    }

    private long LostBytes() => LossReasons.Sum(_metrics.LostBytes.Get);

    /// <summary>What of a record is sent.</summary>
    private static string Sent(string text)
    {
        if (text.Length <= MaxLineBytes)
        {
            return text;
        }

        int markerLength = "…[truncated "u8.Length + text.Length.ToString(CultureInfo.InvariantCulture).Length + " bytes]".Length;
        int kept = MaxLineBytes - markerLength;
        return string.Create(CultureInfo.InvariantCulture, $"{text[..kept]}…[truncated {text.Length - kept} bytes]");
    }

    private static string Short(string line) => line.Length > 80 ? line[..80] + "…" : line;

    private void Note(string what) => _history.Add(what);

    /// <summary>One life of the agent, turned by hand.</summary>
    private sealed class Life : IDisposable
    {
        // Short, for what is drawn by chance must not decide what happens.
        private static readonly RetryOptions Retry = new() { Initial = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromMilliseconds(100) };

        private readonly CheckpointStore _checkpoints;
        private readonly CancellationTokenSource _living = new();

        public Life(
            string root, string state, Dictionary<int, OpenFile> open, ModelLoki loki, TimeProvider time, AgentMetrics metrics, HistoryLog history, int readBufferBytes, long heldBytes,
            int maxFiles, Func<int> version)
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
            var location = new ContainerLocation(containers, (container, _) => new VersionedAttributes(Labels(container), version), new FileOwners(_checkpoints, time));
            Discovery = new LogDiscovery(
                [location],
                containers.ScanInterval, new LaneRouter([(Lane, Source)]), time, history, metrics, heartbeat);
            Discovery.Scan(isFull: true, isInitial: _checkpoints.IsFirstStart);
            Source.DrainInbox();
            Leftovers.TakeUp(tailing, Discovery.SeriesPaths.ToHashSet(), Discovery.MayComeBack, (key, path) =>
            {
                LogFound found = location.DescribeGone(key, path)!;
                found.Series.IsUnlinked = true;
                Source.Publish(found);
                return true;
            });
            Source.DrainInbox();
        }

        public FileSource Source { get; }

        public Lane Lane { get; }

        public LogDiscovery Discovery { get; }

        /// <summary>Ends with it, as all that it waits for.</summary>
        public CancellationToken Living => _living.Token;

        public static StreamLabels Labels(ContainerName container) => StreamLabels.Create(LabelsOf(container));

        public void Dispose()
        {
            _living.Cancel();
            _living.Dispose();
            Lane.Dispose();
            Discovery.Dispose();
            _checkpoints.Dispose();
        }

        /// <summary>Attributes that change whenever the model says so; each entry tells which it was sent with.</summary>
        private sealed class VersionedAttributes(StreamLabels labels, Func<int> version) : IAttributeSource
        {
            public bool IsReadable(int restart) => true;

            public StreamAttributes Get(int restart) =>
                new(labels, PushRequestWriter.EncodeMetadata("v"u8, System.Text.Encoding.UTF8.GetBytes(version().ToString(CultureInfo.InvariantCulture))), hasOutput: true);
        }

        private static Dictionary<string, string> LabelsOf(ContainerName container) => new() { ["pod"] = container.Pod };
    }
}
