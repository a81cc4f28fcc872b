using System.Globalization;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing;

/// <summary>There are more logs than files may be open.</summary>
public sealed class FileTurnsTests : IDisposable
{
    private const int MaxFiles = 3;
    private const int Pods = 10;

    private readonly TailingFixture _sut = new(maxFiles: MaxFiles, batchBytes: 100_000);
    private readonly Dictionary<string, int> _written = [];
    private readonly FileStream?[] _writers = new FileStream?[Pods];

    public void Dispose()
    {
        Array.ForEach(_writers, writer => writer?.Dispose());
        _sut.Dispose();
    }

    [Fact]
    public void Turn_MoreLogsThanMayBeOpen_ReadsEach()
    {
        Start(lines: 5);

        AssertAll();
        Assert.InRange(_sut.Status.OpenFiles, 1, MaxFiles);
        Assert.Equal(0, _sut.Status.WaitingStreams);
        Assert.InRange(_sut.Metrics.FileErrors.Get("too_many_open_files"), 1, 1000);
        Assert.Single(_sut.Messages.Messages, message => message.Contains("Too many open files", StringComparison.Ordinal));
    }

    [Fact]
    public void Turn_AllLogsKeepGrowing_KeepsReadingEach()
    {
        Start(lines: 5);
        for (int i = 0; i < 20; i++)
        {
            WriteAll(3);
            _sut.TurnWithoutEvent();
            AssertAll();
        }

        Assert.InRange(_sut.Status.OpenFiles, 1, MaxFiles);
    }

    [Fact]
    public void Turn_LogsNeverQuiet_NoneWaitsLong()
    {
        Start(lines: 1);
        for (int i = 0; i < 300; i++)
        {
            WriteAll(1);
            _sut.TurnOnce();
            Assert.InRange(_sut.Status.DescriptorWait, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }

        for (int pod = 0; pod < Pods; pod++)
        {
            Assert.InRange(_sut.LinesOf(Name(pod)).Count(), 200, 301);
        }

        _sut.TurnWithoutEvent();
        AssertAll();
    }

    /// <summary>Loki refuses the records of the open logs, so that they are never read to their end.</summary>
    [Fact]
    public void Turn_OpenLogsRateLimited_ReadsOthers()
    {
        string[] refused = [Name(0), Name(1), Name(2), Name(3)];
        _sut.AnswerTo = request => request.Streams.Select(stream => stream.Labels).FirstOrDefault(labels => refused.Any(pod => labels.Contains($"\"{pod}\"", StringComparison.Ordinal))) is { } labels
            ? LokiAnswers.Read(429, $"Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{labels}' totaling 1MB")
            : null;
        Start(lines: 5);
        for (int i = 0; i < 30; i++)
        {
            _sut.TurnWithoutEvent();
        }

        for (int pod = 4; pod < Pods; pod++)
        {
            Assert.Equal(Lines(pod), _sut.LinesOf(Name(pod)));
        }

        _sut.AnswerTo = static _ => null;
        for (int i = 0; i < 60; i++)
        {
            _sut.TurnWithoutEvent();
        }

        AssertAll();
        Assert.Equal(0, LostBytes());

        // Records that are read again are counted as read only once.
        Assert.Equal(_sut.Metrics.SentRecords.Get(), _sut.Metrics.ReadRecords.Get("container"));
        Assert.InRange(_sut.Metrics.RereadRecords.Get("container"), 1, long.MaxValue);
    }

    [Fact]
    public void Turn_RotatedWhileParked_ReadsInOrder()
    {
        Start(lines: 5);
        for (int round = 1; round < 4; round++)
        {
            WriteAll(2);
            Rotate(round);
            WriteAll(2);
            NotifyChanges();
            _sut.TurnWithoutEvent();
        }

        AssertAll();
        Assert.Equal(0, LostBytes());
    }

    /// <summary>The file is renamed, and its writer keeps it open: lines written there come before those of the new file.</summary>
    [Fact]
    public void Turn_WriterContinuesInRotatedFile_ReadsInOrder()
    {
        Start(lines: 5);
        for (int pod = 0; pod < Pods; pod++)
        {
            _writers[pod] = new FileStream(_sut.LogOf(Name(pod)), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }

        Rotate(1, create: false);
        NotifyChanges();
        WriteAll(2);
        _sut.TurnWithoutEvent();
        Array.ForEach(_writers, writer => writer!.Dispose());
        Array.Clear(_writers);
        WriteAll(2);
        NotifyChanges();
        _sut.TurnWithoutEvent();

        AssertAll();
    }

    [Fact]
    public void Turn_TruncatedWhileParked_ReadsNewLines()
    {
        Start(lines: 5);
        for (int pod = 0; pod < Pods; pod++)
        {
            File.WriteAllText(_sut.LogOf(Name(pod)), "");
        }

        WriteAll(1);
        _sut.TurnWithoutEvent();

        AssertAll();
        Assert.Equal(0, LostBytes());
    }

    /// <summary>A parked file is not held, so the bytes that the agent has seen of it count as lost.</summary>
    [Fact]
    public void Turn_DeletedWhileParkedAndUnread_CountsLoss()
    {
        const int Lines = 2000;
        _sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        Start(Lines);
        long[] bytes = [.. Enumerable.Range(0, Pods).Select(pod => new FileInfo(_sut.LogOf(Name(pod))).Length)];
        for (int pod = 0; pod < Pods; pod++)
        {
            File.Delete(_sut.LogOf(Name(pod)));
        }

        NotifyChanges();
        _sut.TurnWithoutEvent();
        _sut.AcceptAll();
        _sut.Time.Advance(TimeSpan.FromMinutes(1));
        _sut.TurnWithoutEvent();

        int[] arrived = [.. Enumerable.Range(0, Pods).Select(pod => _sut.LinesOf(Name(pod)).Count())];
        Assert.InRange(arrived.Count(lines => lines == Lines), MaxFiles, Pods - 1);
        Assert.InRange(
            LostBytes(),
            Enumerable.Range(0, Pods).Where(pod => arrived[pod] == 0).Sum(pod => bytes[pod]),
            Enumerable.Range(0, Pods).Where(pod => arrived[pod] < Lines).Sum(pod => bytes[pod]));
    }

    /// <summary>The agent is killed right after it counted the bytes of a parked file that had grown.</summary>
    [Fact]
    public void Restart_DeletedWhileParkedAndUnread_CountsLossOnce()
    {
        const string Line = "2026-11-23T01:21:26Z stdout F line\n";
        using var sut = new TailingFixture(maxFiles: 1);
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        File.WriteAllText(sut.LogOf("other"), Line);
        sut.Find("other");
        File.Delete(sut.LogOf("other"));
        sut.Turn("other");
        File.WriteAllText(sut.Log, Line);
        sut.Find();
        File.AppendAllText(sut.Log, Line);

        // The agent has checked the file but not saved its size yet.
        sut.Time.Advance(TimeSpan.FromSeconds(1));
        sut.Describe();
        File.Delete(sut.Log);
        sut.TurnOnce();
        Assert.Equal(2 * Line.Length, sut.Metrics.LostBytes.Get("deleted"));

        sut.Restart();
        sut.Find();

        Assert.Equal(2 * Line.Length, sut.Metrics.LostBytes.Get("deleted"));
    }

    /// <summary>A handle that is the last reference to a file is never closed to open another file.</summary>
    [Fact]
    public void Turn_OpenFilesDeleted_LosesNothing()
    {
        _sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        for (int pod = 0; pod < MaxFiles; pod++)
        {
            Write(pod, 5);
            _sut.Find(Name(pod));
        }

        for (int pod = 0; pod < MaxFiles; pod++)
        {
            File.Delete(_sut.LogOf(Name(pod)));
        }

        NotifyChanges();
        Start(lines: 0, from: MaxFiles);
        WriteAll(5, from: MaxFiles);
        for (int i = 0; i < 100; i++)
        {
            _sut.TurnWithoutEvent();
        }

        Assert.InRange(_sut.Status.DescriptorWait, TimeSpan.FromMinutes(1), TimeSpan.MaxValue);
        Assert.InRange(_sut.Status.WaitingStreams, 1, Pods);

        _sut.AcceptAll();
        for (int i = 0; i < 60; i++)
        {
            _sut.TurnWithoutEvent();
        }

        AssertAll();
        Assert.Equal(0, LostBytes());
        Assert.Equal(TimeSpan.Zero, _sut.Status.DescriptorWait);
    }

    /// <summary>The parts of the line are in two files, which must be open at the same time.</summary>
    [Fact]
    public void Turn_LineContinuesInNextFile_JoinsParts()
    {
        Start(lines: 5);
        AppendAll("2026-11-23T01:21:26Z stdout P first half, \n");

        Rotate(1);
        AppendAll("2026-11-23T01:21:26Z stdout F second half\n");

        NotifyChanges();
        _sut.TurnWithoutEvent();

        Assert.All(Enumerable.Range(0, Pods), pod => Assert.Equal([.. Lines(pod), "first half, second half"], _sut.LinesOf(Name(pod))));
    }

    /// <summary>The file in which the line continues is parked and empty when the first file is read to its end.</summary>
    [Fact]
    public void Turn_LineContinuesLaterInParkedFile_JoinsParts()
    {
        Start(lines: 5);
        AppendAll("2026-11-23T01:21:26Z stdout P first half, \n");
        Rotate(1);
        NotifyChanges();
        _sut.TurnWithoutEvent();
        AssertAll();

        AppendAll("2026-11-23T01:21:26Z stdout F second half\n");
        _sut.TurnWithoutEvent();

        Assert.All(Enumerable.Range(0, Pods), pod => Assert.Equal([.. Lines(pod), "first half, second half"], _sut.LinesOf(Name(pod))));
    }

    [Fact]
    public void Turn_LineSpansMoreFilesThanMayBeOpen_JoinsParts()
    {
        Start(lines: 5);
        for (int part = 0; part <= MaxFiles; part++)
        {
            AppendAll(string.Create(CultureInfo.InvariantCulture, $"2026-11-23T01:21:26.{part:D9}Z stdout P part, \n"));
            Rotate(part + 1);
        }

        AppendAll("2026-11-23T01:21:27Z stdout F end\n");
        NotifyChanges();
        for (int i = 0; i < 3; i++)
        {
            _sut.TurnWithoutEvent();
        }

        string line = string.Concat(Enumerable.Repeat("part, ", MaxFiles + 1)) + "end";
        Assert.All(Enumerable.Range(0, Pods), pod => Assert.Equal([.. Lines(pod), line], _sut.LinesOf(Name(pod))));
    }

    [Fact]
    public void Turn_LineNeverEnds_SendsItUnfinished()
    {
        Start(lines: 5);
        AppendAll("2026-11-23T01:21:26Z stdout P never ended\n");

        for (int i = 0; i < 40; i++)
        {
            _sut.TurnWithoutEvent();
        }

        Assert.All(Enumerable.Range(0, Pods), pod => Assert.Equal([.. Lines(pod), "never ended"], _sut.LinesOf(Name(pod))));
    }

    [Fact]
    public void Restart_MoreSavedCopiesThanMayBeOpen_ReadsAndRemovesEach()
    {
        using var many = new TailingFixture(batchBytes: 100_000);
        many.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        for (int pod = 0; pod < Pods; pod++)
        {
            Write(pod, 5, many.LogOf(Name(pod)));
            many.Find(Name(pod));
            File.Delete(many.LogOf(Name(pod)));
            many.Turn(Name(pod));
        }

        many.MaxFiles = MaxFiles;
        many.Stop();
        Assert.Equal(Pods, many.Copies.Count());
        many.AcceptAll();
        for (int pod = 0; pod < Pods; pod++)
        {
            many.Find(Name(pod));
        }

        many.TurnWithoutEvent();
        many.Time.Advance(TimeSpan.FromSeconds(10));
        many.TurnWithoutEvent();

        Assert.All(Enumerable.Range(0, Pods), pod => Assert.Equal(Lines(pod), many.LinesOf(Name(pod))));
        Assert.Empty(many.Copies);
        Assert.Equal(0, many.Status.HeldBytes);
    }

    private static string Name(int pod) => string.Create(CultureInfo.InvariantCulture, $"pod-{pod}");

    private IEnumerable<string> Lines(int pod) => Enumerable.Range(0, _written.GetValueOrDefault(Name(pod))).Select(number => $"{Name(pod)} {number}");

    private long LostBytes() => LossReasons.All.Sum(reason => _sut.Metrics.LostBytes.Get(reason));

    private void AssertAll() => Assert.All(Enumerable.Range(0, Pods), pod => Assert.Equal(Lines(pod), _sut.LinesOf(Name(pod))));

    private void Start(int lines, int from = 0)
    {
        WriteAll(lines, from);
        for (int pod = from; pod < Pods; pod++)
        {
            _sut.Find(Name(pod));
        }

        _sut.TurnWithoutEvent();
    }

    private void AppendAll(string line)
    {
        for (int pod = 0; pod < Pods; pod++)
        {
            File.AppendAllText(_sut.LogOf(Name(pod)), line);
        }
    }

    private void WriteAll(int lines, int from = 0)
    {
        for (int pod = from; pod < Pods; pod++)
        {
            Write(pod, lines);
        }
    }

    private string Write(int pod, int lines, string? path = null)
    {
        path ??= _sut.LogOf(Name(pod));
        using FileStream? mine = _writers[pod] is null ? new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete) : null;
        for (int i = 0; i < lines; i++)
        {
            int number = _written.GetValueOrDefault(Name(pod));
            _written[Name(pod)] = number + 1;
            (mine ?? _writers[pod]!).Write(System.Text.Encoding.UTF8.GetBytes($"2026-11-23T01:21:26.{number:D9}Z stdout F {Name(pod)} {number}\n"));
        }

        return path;
    }

    private void Rotate(int second, bool create = true)
    {
        for (int pod = 0; pod < Pods; pod++)
        {
            string log = _sut.LogOf(Name(pod));
            File.Move(log, $"{log}.20261123-01280{second}");
            if (create)
            {
                File.Create(log).Dispose();
            }
        }
    }

    private void NotifyChanges()
    {
        for (int pod = 0; pod < Pods; pod++)
        {
            _sut.NotifyChanged(Name(pod));
        }
    }
}
