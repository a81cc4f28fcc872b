using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>A container that prints, the kubelet that manages its files, and the records expected from them.</summary>
internal sealed partial class ModelContainer
{
    private readonly Random _random;
    private readonly FakeTimeProvider _time;
    private readonly TimeProvider _clock;
    private readonly string _root;
    private readonly bool _isNumbered;
    private readonly StringBuilder?[] _open = [null, null];
    private readonly DateTimeOffset[] _openSince = new DateTimeOffset[2];
    private readonly List<string> _rotated = [];
    private readonly Dictionary<string, List<string>> _content = [];
    private readonly HashSet<string> _held = [];
    private readonly HashSet<string> _seen = [];
    private readonly HashSet<List<string>> _heldFiles = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<List<string>> _lostFiles = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<List<string>>[] _openFiles = [new(ReferenceEqualityComparer.Instance), new(ReferenceEqualityComparer.Instance)];
    private string? _half;
    // A writer without O_APPEND continues at its offset after its file is truncated.
    private readonly bool _appends;
    private long _offset;

    // The last write was not a whole line.
    private bool _isDamaged;

    // It was the beginning of a line, with or without NULs after it.
    private bool _isTorn;
    private int _uid;
    private DateTimeOffset _halfSince;
    private int _restart;
    private int _sequence;
    private int _rotations;
    private TimeSpan _shift;
    private long _lastTicks;

    public ModelContainer(string root, int number, RotationStyle style, bool isNumbered, Random random, FakeTimeProvider time, TimeProvider clock, List<string> history)
    {
        _root = root;
        History = history;
        _random = random;
        _time = time;
        _clock = clock;
        _isNumbered = isNumbered;
        Style = style;
        _appends = style != RotationStyle.CopyTruncate || random.Next(2) == 0;
        Name = string.Create(CultureInfo.InvariantCulture, $"pod-{number}");
        Begin();
    }

    public string Name { get; }

    /// <summary>The history of actions, for the message of a failure.</summary>
    public List<string> History { get; }

    public RotationStyle Style { get; }

    /// <summary>The records that must arrive, in this order.</summary>
    public List<string> Expected { get; } = [];

    /// <summary>Records of files that were deleted while the agent could not hold them open.</summary>
    public HashSet<string> MayBeLost { get; } = [];

    /// <summary>Beginnings of records that were written in parts, and each part.</summary>
    public List<string> Beginnings { get; } = [];

    /// <summary>The first halves of lines, with their header or a part of it, and the records of these lines.</summary>
    public List<(string Written, string Record)> Halves { get; } = [];

    /// <summary>NUL bytes in place of lines, as a power loss leaves them.</summary>
    public long NulBytes { get; private set; }

    public bool IsGone { get; private set; }

    /// <summary>
    /// True while a rotated file has an older name than one rotated before it: an agent that did not see the rotations can't know their order.
    /// </summary>
    public bool HasNamesOutOfOrder => Style == RotationStyle.Dated
        && _rotated.Zip(_rotated.Skip(1)).Any(pair => string.CompareOrdinal(pair.First, pair.Second) > 0);

    /// <summary>The agent has just scanned all files: it knows that these records exist.</summary>
    public void MarkSeen()
    {
        foreach (List<string> lines in _content.Values)
        {
            // The rest of a half-written line is not there yet.
            _seen.UnionWith(_half is null ? lines : lines.Where(line => line != Expected[^1]));
        }
    }

    /// <summary>
    /// The minimum number of bytes to be counted as lost if these records are missing, of those that the agent knew. Records written in parts are left out,
    /// because their parts may be in several files.
    /// </summary>
    public long SeenBytesOf(IEnumerable<string> missing) => missing
        .Where(record => _seen.Contains(record) && !record.StartsWith("torn ", StringComparison.Ordinal) && !Beginnings.Exists(beginning => record.StartsWith(beginning, StringComparison.Ordinal)))
        .Sum(record => "2026-11-23T01:21:26Z stdout F \n".Length + (long)record.Length);

    /// <summary>Data that only the agent's open files still hold is lost with the agent.</summary>
    public void AgentDied()
    {
        MayBeLost.UnionWith(_held);
        _held.Clear();
        _lostFiles.UnionWith(_heldFiles);
        _heldFiles.Clear();
    }

    /// <summary>The agent saved at its shutdown what only its open files still held.</summary>
    public void AgentStopped()
    {
        _held.Clear();
        _heldFiles.Clear();
    }

    /// <summary>True while a line has begun and not ended.</summary>
    public bool HasPartialLine => _open[0] is not null || _open[1] is not null || _half is not null;

    /// <summary>True if a partial line has waited so long that the agent would soon send it as it is.</summary>
    public bool IsDue => (_open[0] is not null && _time.GetUtcNow() - _openSince[0] > TimeSpan.FromSeconds(15))
        || (_open[1] is not null && _time.GetUtcNow() - _openSince[1] > TimeSpan.FromSeconds(15))
        || (_half is not null && _time.GetUtcNow() - _halfSince > TimeSpan.FromSeconds(15));

    private string Directory => _isNumbered ? Path.Combine(_root, "pods", $"ns_{Name}_uid-{Name}-{_uid}", "main") : Path.Combine(_root, "files");

    private string LogName => _isNumbered ? $"{_restart}.log" : $"{Name}_ns_main-0123456789abcdef.log";

    private string Live => Path.Combine(Directory, LogName);

    private string Link => LinkOf(_restart);

    /// <summary>Prints a few lines, some of them in parts.</summary>
    public void Print()
    {
        FinishHalf();
        if (IsProcessed)
        {
            PrintProcessed();
            return;
        }

        int lines = _random.Next(1, 8);
        for (int i = 0; i < lines; i++)
        {
            int output = _random.Next(4) == 0 ? 1 : 0;
            switch (_random.Next(12))
            {
                case 0 when _open[output] is null:
                    Part(output, Text());
                    break;
                case 1 when _open[output] is not null:
                    Part(output, "+" + Text() + new string('m', _random.Next(3_000)));
                    break;
                case 2:
                    Full(output, _open[output] is null ? Text() + new string('x', _random.Next(20_000)) : "/end " + Text());
                    break;
                default:
                    Full(output, _open[output] is null ? Text() : "/end " + Text());
                    break;
            }
        }
    }

    /// <summary>Writes only the first half of a line; the rest follows with whatever is printed next.</summary>
    public void PrintHalf()
    {
        if (_half is null && _open[0] is null)
        {
            EndTrace(0);
            string text = Text();
            string line = Header(0, 'F') + text + "\n";
            int half = _random.Next(1, line.Length);
            Write(line[..half]);
            _half = line[half..];
            _halfSince = _time.GetUtcNow();
            Halves.Add((line[..half], text));
            Expect(text);
        }
    }

    /// <summary>A power loss leaves NULs after the last line, or after the beginning of a line that a full disk cut off.</summary>
    public void Damage()
    {
        if (_half is not null)
        {
            return;
        }

        // A second torn text on the same line, without a header before it, is text like the first: nothing shows that it is another record.
        bool isTorn = _random.Next(3) == 0 && !_isTorn;
        EndTrace(1);
        if (isTorn)
        {
            EndTrace(0);
            // Without a header it belongs to stdout, and ends stdout's partial line.
            EndLine(0);
            string text = "torn " + Text();
            Write(text);
            Expect(text);
        }

        isTorn |= _isTorn;
        bool isHole = new FileInfo(Live).Length == 0;
        int nuls = _random.Next(3) == 0 ? 0 : _random.Next(4) == 0 ? _random.Next(1, 40_000) : _random.Next(1, 300);
        if (nuls > 0 && !isHole)
        {
            NulBytes += nuls;
            Write(new string('\0', nuls));
        }

        _isDamaged = true;
        _isTorn = isTorn;
    }

    /// <summary>Ends all lines that have begun.</summary>
    public void FinishLines()
    {
        FinishHalf();
        if (_isDamaged)
        {
            Full(1, _open[1] is null ? Text() : "/end " + Text());
        }

        for (int output = 0; output < 2; output++)
        {
            if (_open[output] is not null)
            {
                Full(output, "/end " + Text());
            }
        }
    }

    /// <summary>Rotates the log.</summary>
    /// <param name="compresses">True to compress the previous rotated file.</param>
    /// <param name="setsClockBack">True if daylight saving time ends: kubelet's suffix is the local time.</param>
    public void Rotate(bool compresses, bool setsClockBack)
    {
        FinishHalf();
        switch (Style)
        {
            case RotationStyle.Dated or RotationStyle.Lumberjack or RotationStyle.Log4j:
                if (_rotated.Count > 0 && compresses && !_rotated[^1].EndsWith(".gz", StringComparison.Ordinal))
                {
                    Compress(_rotated.Count - 1, _rotated[^1] + ".gz");
                }

                _shift -= TimeSpan.FromHours(setsClockBack ? 1 : 0);
                DateTime rotated = DateTime.UnixEpoch.AddSeconds(1_800_000_000 + _rotations++) + _shift;
                string name = Path.GetFileNameWithoutExtension(LogName);
                string target = Style switch
                {
                    RotationStyle.Dated => string.Create(CultureInfo.InvariantCulture, $"{LogName}.{rotated:yyyyMMdd-HHmmss}"),
                    RotationStyle.Lumberjack => string.Create(CultureInfo.InvariantCulture, $"{name}-{rotated:yyyy-MM-ddTHH-mm-ss.fff}.log"),
                    _ => string.Create(CultureInfo.InvariantCulture, $"{name}.{rotated:yyyy-MM-dd}.{_rotations}.log"),
                };
                Move(LogName, target);
                _rotated.Add(target);
                Create();
                break;
            case RotationStyle.Numbered:
                for (int i = 0; i < _rotated.Count; i++)
                {
                    string suffix = _rotated[i].EndsWith(".gz", StringComparison.Ordinal) ? ".gz" : "";
                    string next = $"{LogName}.{_rotated.Count - i + 1}{suffix}";
                    Move(_rotated[i], next);
                    _rotated[i] = next;
                }

                if (_rotated.Count > 0 && compresses && !_rotated[^1].EndsWith(".gz", StringComparison.Ordinal))
                {
                    Compress(_rotated.Count - 1, _rotated[^1] + ".gz");
                }

                Move(LogName, $"{LogName}.1");
                _rotated.Add($"{LogName}.1");
                Create();
                break;
            default:
                for (int i = 0; i < _rotated.Count; i++)
                {
                    string next = $"{LogName}.{_rotated.Count - i + 1}";
                    Move(_rotated[i], next);
                    _rotated[i] = next;
                }

                File.Copy(Live, $"{Live}.1");
                _content[$"{LogName}.1"] = _content[LogName];
                _rotated.Add($"{LogName}.1");
                Empty();
                break;
        }
    }

    /// <summary>Deletes the oldest rotated file.</summary>
    public void DeleteOldest(bool isHeld)
    {
        if (_rotated.Count > 0)
        {
            string oldest = _rotated[0];
            _rotated.RemoveAt(0);
            File.Delete(Path.Combine(Directory, oldest));
            Forget(oldest, isHeld);
        }
    }

    /// <summary>Another program truncates the file.</summary>
    public void Truncate()
    {
        FinishLines();
        Forget(LogName, isHeld: false);
        Empty();
    }

    /// <summary>The container ends and is restarted.</summary>
    public void Restart(bool isHeld)
    {
        if (!_isNumbered)
        {
            return;
        }

        EndLines();
        foreach (string rotated in _rotated)
        {
            File.Delete(Path.Combine(Directory, rotated));
            Forget(rotated, isHeld);
        }

        _rotated.Clear();
        string previous = Path.Combine(Directory, $"{_restart - 1}.log");
        if (File.Exists(previous))
        {
            File.Delete(previous);
            File.Delete(LinkOf(_restart - 1));
            Forget($"{_restart - 1}.log", isHeld);
        }

        _restart++;
        Begin();
    }

    /// <summary>The pod is deleted.</summary>
    public void Delete(bool isHeld)
    {
        EndLines();
        IsGone = true;
        foreach (string file in _content.Keys.ToList())
        {
            File.Delete(Path.Combine(Directory, file));
            Forget(file, isHeld);
        }

        DeleteLinks();
    }

    /// <summary>The pod is deleted and recreated with the same name, as a StatefulSet does.</summary>
    /// <param name="isHeld">True if the agent holds its files open.</param>
    /// <param name="leavesLinks">True if the links to the old files remain for a while.</param>
    public void Recreate(bool isHeld, bool leavesLinks)
    {
        if (!_isNumbered)
        {
            return;
        }

        EndLines();
        foreach (string file in _content.Keys.ToList())
        {
            Forget(file, isHeld);
        }

        System.IO.Directory.Delete(Path.GetDirectoryName(Directory)!, recursive: true);
        if (!leavesLinks)
        {
            DeleteLinks();
        }

        _uid++;
        _restart = 0;
        Begin();
    }

    private static string Join(StringBuilder open, string text) => open.Append(text).ToString();

    private string LinkOf(int restart) => Path.Combine(_root, "containers", $"{Name}_ns_main-{(_uid * 1000) + restart:x16}.log");

    private void DeleteLinks()
    {
        foreach (string link in System.IO.Directory.EnumerateFiles(Path.Combine(_root, "containers"), $"{Name}_*"))
        {
            File.Delete(link);
        }
    }

    private string Text() => string.Create(CultureInfo.InvariantCulture, $"{Name} {_sequence++} ") + new string('.', _random.Next(60));

    private void Begin()
    {
        System.IO.Directory.CreateDirectory(Directory);
        System.IO.Directory.CreateDirectory(Path.Combine(_root, "containers"));
        _rotated.Clear();
        Create();
        if (_isNumbered)
        {
            File.CreateSymbolicLink(Link, Live);
        }
    }

    private void Create()
    {
        File.Create(Live).Dispose();
        _offset = 0;
        SetTime();
        _content[LogName] = [];
    }

    private void Empty()
    {
        using (FileStream file = File.OpenWrite(Live))
        {
            file.SetLength(0);
        }

        SetTime();
        _content[LogName] = [];
    }

    private void Move(string from, string to)
    {
        File.Move(Path.Combine(Directory, from), Path.Combine(Directory, to));
        _content[to] = _content[from];
        _content.Remove(from);
    }

    private void Compress(int index, string target)
    {
        string source = _rotated[index];
        string path = Path.Combine(Directory, target);
        using (FileStream file = File.Create(path + ".tmp"))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            gzip.Write(File.ReadAllBytes(Path.Combine(Directory, source)));
        }

        File.SetLastWriteTimeUtc(path + ".tmp", File.GetLastWriteTimeUtc(Path.Combine(Directory, source)));
        File.Move(path + ".tmp", path);
        File.Delete(Path.Combine(Directory, source));
        _content[target] = _content[source];
        _content.Remove(source);
        _rotated[index] = target;
    }

    private void Forget(string file, bool isHeld)
    {
        if (_content.Remove(file, out List<string>? lines))
        {
            (isHeld ? _held : MayBeLost).UnionWith(lines);
            (isHeld ? _heldFiles : _lostFiles).Add(lines);
        }
    }

    private void Part(int output, string text)
    {
        if (_open[output] is null)
        {
            _open[output] = new StringBuilder();
            _openSince[output] = _time.GetUtcNow();
        }

        _open[output]!.Append(text);
        _openFiles[output].Add(_content[LogName]);
        Beginnings.Add(_open[output]!.ToString());
        Beginnings.Add(text);
        Write(Header(output, 'P') + text + "\n");
    }

    private void Full(int output, string text)
    {
        Write(Header(output, 'F') + text + "\n");
        string record = _open[output] is { } open ? Join(open, text) : text;
        _open[output] = null;
        Expect(record, _openFiles[output], output);
        _openFiles[output].Clear();
    }

    /// <summary>Lines that will never end are sent as they are, those of stdout first.</summary>
    private void EndLines()
    {
        FinishHalf();
        for (int output = 0; output < 2; output++)
        {
            EndTrace(output);
            EndLine(output);
        }
    }

    private void EndLine(int output)
    {
        if (_open[output] is { } open)
        {
            _open[output] = null;
            Expect(open.ToString(), _openFiles[output], output);
            _openFiles[output].Clear();
        }
    }

    private void FinishHalf()
    {
        if (_half is { } half)
        {
            _half = null;
            Write(half);
        }
    }

    /// <summary>A record is complete; it may be lost with any of the files that hold a part of it.</summary>
    private void Expect(string record, HashSet<List<string>>? files = null, int output = 0)
    {
        Expected.Add(record);
        ExpectedOutputs.Add(output);
        foreach (List<string> file in files ?? [])
        {
            file.Add(record);
            if (_lostFiles.Contains(file))
            {
                MayBeLost.Add(record);
            }
            else if (_heldFiles.Contains(file))
            {
                _held.Add(record);
            }
        }

        _content[LogName].Add(record);
    }

    private string Header(int output, char tag)
    {
        // After the clock was set back, times continue from the new time.
        long now = _clock.GetUtcNow().UtcTicks;
        long next = _lastTicks + (_random.Next(10) == 0 ? 0 : 1);
        _lastTicks = next - now < TimeSpan.TicksPerMinute ? Math.Max(next, now) : now;
        string timestamp = new DateTime(_lastTicks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);
        return $"{timestamp} {(output == 0 ? "stdout" : "stderr")} {tag} ";
    }

    private void Write(string text)
    {
        History.Add($"{Name}/{LogName} += {string.Join(" | ", text.Split('\n').Select(line => line.Length > 60 ? line[17..60] + "…" : line))}");
        using (var file = new FileStream(Live, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Position = _appends ? file.Length : _offset;
            file.Write(Encoding.UTF8.GetBytes(text));
            _offset = file.Position;
        }

        _isDamaged = false;
        _isTorn = false;

        SetTime();
    }

    private void SetTime() => File.SetLastWriteTimeUtc(Live, _clock.GetUtcNow().UtcDateTime);
}
