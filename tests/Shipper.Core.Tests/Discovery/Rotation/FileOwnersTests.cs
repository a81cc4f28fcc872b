using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Discovery.Rotation;

/// <summary>Covers each row of the table in DESIGN.md both ways.</summary>
public sealed class FileOwnersTests : IDisposable
{
    /// <summary>Longer than the granularity of the kernel's file times.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly TemporaryDirectory _directory = new();
    private readonly TemporaryDirectory _state = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly CheckpointStore _checkpoints;

    public FileOwnersTests() => _checkpoints = CheckpointStore.Open(_state, NullLogger.Instance, new AgentMetrics());

    public void Dispose()
    {
        _checkpoints.Dispose();
        _state.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("app.log.1")]
    [InlineData("app.log-20261129.gz")]
    [InlineData("app.log.2026-11-29_10")]
    public void Find_UnambiguousRotatedName_ReturnsLog(string name)
    {
        Write("app.log", "new");
        Write(name, "old");

        Assert.Equal("app.log", Find(name));
    }

    [Theory]
    [InlineData("app.log.1", "app.log")]
    [InlineData("messages.1", "messages.1")]
    public void Find_LiveFileMissing_DecidesByName(string name, string expected)
    {
        Write(name, "old");

        Assert.Equal(expected, Find(name));
    }

    [Fact]
    public void Find_SeveralLogsMatch_ReturnsLongestName()
    {
        Write("app.log", "a");
        Write("app-1.log", "b");
        Write("app-1.log.2", "c");
        Write("app-1-2026-11-29.log.gz", "d");

        Assert.Equal("app-1.log", Find("app-1.log.2"));
        Assert.Equal("app-1.log", Find("app-1-2026-11-29.log.gz"));
    }

    [Theory]
    [InlineData("app-2026-11-29.log")]
    [InlineData("app-1.log")]
    public async Task Find_RenamedAfterLastLine_ReturnsLog(string name)
    {
        Write("app.log", "old");
        await PauseAsync();
        File.Move(_directory["app.log"], _directory[name]);
        Write("app.log", "new");

        Assert.Equal("app.log", Find(name));
    }

    [Theory]
    [InlineData("app-2026-11-29.log", true)]
    [InlineData("app-2026-11-29.log", false)]
    [InlineData("app-1.log", true)]
    [InlineData("app-1.log", false)]
    public async Task Find_BothFilesWritten_ReturnsFileItself(string name, bool isLiveFirst)
    {
        Write(isLiveFirst ? "app.log" : name, "a");
        await PauseAsync();
        Write(isLiveFirst ? name : "app.log", "b");
        await PauseAsync();
        Write("app.log", "c");
        Write(name, "d");

        Assert.Equal(name, Find(name));
    }

    /// <summary>These may be two logs, created one after the other, and one of them got no more lines.</summary>
    [Theory]
    [InlineData("app-2026-11-29.log", true, "app-2026-11-29.log")]
    [InlineData("app-2026-11-29.log", false, "app.log")]
    [InlineData("app-1.log", true, "app-1.log")]
    [InlineData("app-1.log", false, "app-1.log")]
    public async Task Find_WrittenBeforeLiveFileWasCreated_ReturnsLogOnlyIfDatedAndNotIncluded(string name, bool isIncluded, string expected)
    {
        Write(name, "old");
        await PauseAsync();
        Write("app.log", "new");

        Assert.Equal(expected, Find(name, isIncluded));
    }

    [Fact]
    public void Find_CompressedFile_ReturnsLog()
    {
        Write("app.log", "new");
        Compress("app-1.log.gz", "old");

        Assert.Equal("app.log", Find("app-1.log.gz"));
    }

    [Fact]
    public void Find_LogIsLinkToFile_ReturnsLog()
    {
        Write("app-20261128.log", "old");
        Write("app-20261129.log", "new");
        File.CreateSymbolicLink(_directory["app.log"], "app-20261129.log");

        Assert.Equal(["app.log", "app.log"], ((string[])["app-20261128.log", "app-20261129.log"]).Select(name => Find(name)));
    }

    [Fact]
    public void Find_LogIsHardLinkToFile_ReturnsLog()
    {
        Write("app-20261129.log", "new");
        Assert.Equal(0, MakeLink(_directory["app-20261129.log"], _directory["app.log"]));

        Assert.Equal("app.log", Find("app-20261129.log"));
    }

    [Theory]
    [InlineData("anything")]
    [InlineData("app-1.log")]
    [InlineData("other.log")]
    public void Find_FileWasReadAsLiveFile_ReturnsLogWhateverItsName(string name)
    {
        Write("app.log", "old line");
        AcknowledgeAll("app.log");
        File.Move(_directory["app.log"], _directory[name]);

        Assert.Equal("app.log", Find(name));
    }

    /// <summary>Inodes are reused within milliseconds.</summary>
    [Fact]
    public void Find_KnownInodeWithOtherContent_ReturnsFileItself()
    {
        Write("app.log", "old line");
        AcknowledgeAll("app.log");
        File.Move(_directory["app.log"], _directory["other"]);
        File.WriteAllText(_directory["other"], "something else");

        Assert.Equal("other", Find("other"));
    }

    [Fact]
    public async Task Find_RenamedFileWasReadAsOwnLog_ReturnsThatLog()
    {
        Write("app-2026-11-29.log", "old line");
        AcknowledgeAll("app-2026-11-29.log");
        await PauseAsync();
        File.Move(_directory["app-2026-11-29.log"], _directory["app-1.log"]);
        Write("app.log", "new");

        Assert.Equal("app-2026-11-29.log", Find("app-1.log"));
    }

    [Fact]
    public void Find_CopyOfLiveFile_ReturnsLogOnceLiveFileIsTruncated()
    {
        Write("app.log", new string('x', 300) + "\nold line");
        AcknowledgeAll("app.log");
        File.Copy(_directory["app.log"], _directory["app-1.log"]);
        Assert.Null(Find("app-1.log"));

        File.WriteAllText(_directory["app.log"], "new line\n");
        Assert.Equal("app.log", Find("app-1.log"));
    }

    [Theory]
    [InlineData(100, "app-1.log")]
    [InlineData(2000, "app.log")]
    public void Find_SameBeginningAsLiveFile_ReturnsLogOnlyIfLong(int length, string expected)
    {
        Write("app.log", new string('x', length) + "\nline");
        Write("app-1.log", new string('x', length));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(expected, Find("app-1.log"));
    }

    /// <summary>The log is rotated twice between two scans: what is known about the first file identifies the second.</summary>
    [Fact]
    public void Find_FileOfSimilarNameWasLiveFile_ReturnsLog()
    {
        Write("app.log", "first");
        AcknowledgeAll("app.log");
        File.Move(_directory["app.log"], _directory["app-2.log"]);
        Write("app-1.log", "second");
        Write("app.log", "third");
        Write("app-1.log", "and more");

        Assert.Equal("app.log", Find("app-1.log"));
    }

    [Theory]
    [InlineData("app-2026-11-29.log", "app.log")]
    [InlineData("app-1.log", "app-1.log")]
    public void Find_NextLiveFileMissing_ReturnsLogOnlyIfNameIsDated(string name, string expected)
    {
        Write("app.log", "old");
        AcknowledgeAll("app.log");
        File.Delete(_directory["app.log"]);
        Write(name, "rotated since");

        Assert.Equal(expected, Find(name));
    }

    [Fact]
    public void Find_EmptyNumberedFile_ReturnsNullUntilWritten()
    {
        Write("app.log", "a");
        File.WriteAllText(_directory["app-1.log"], "");
        Assert.Null(Find("app-1.log"));

        Write("app-1.log", "b");
        Assert.Equal("app-1.log", Find("app-1.log"));
    }

    /// <summary>Rotation has meanwhile compressed or renumbered the file.</summary>
    [Fact]
    public void Find_FileGoneSinceListing_ReturnsNull()
    {
        Write("app.log", "a");

        Assert.Null(Find("app.1.log"));
        Assert.Null(Find("app.log.1"));
    }

    /// <summary>A decision holds as long as the file keeps its name, so that discovery and the lanes agree.</summary>
    [Fact]
    public void Owns_FileThatDiscoveryTookForOwnLog_ReturnsFalse()
    {
        var owners = new FileOwners(_checkpoints, _time);
        Write("app-2026-11-29.log", "old");
        Assert.Equal(_directory["app-2026-11-29.log"], owners.Find(_directory, "app-2026-11-29.log", _ => false, _ => true)!.LogPath);
        Write("app.log", "new");
        FileStatus.OfPath(_directory["app-2026-11-29.log"], out FileStatus status);

        Assert.False(owners.Owns(new RotatedLog(_directory, "app.log", 0, owners), new DirectoryEntry("app-2026-11-29.log", status.Inode, IsValidName: true)));
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [DllImport("libc", EntryPoint = "link", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int MakeLink(string path, string name);

    /// <summary>Waits, because the kernel takes file times from a clock that moves in steps, and a creation time can't be set.</summary>
    private static Task PauseAsync() => Task.Delay(Step, TimeProvider.System, TestContext.Current.CancellationToken);

    private string? Find(string name, bool isIncluded = true)
    {
        var owners = new FileOwners(_checkpoints, _time);
        FileOwner? owner = owners.Find(_directory, name, path => !isIncluded && path == _directory["app.log"], _ => isIncluded);
        return Path.GetFileName(owner?.LogPath);
    }

    private void Write(string name, string text) => File.AppendAllText(_directory[name], text + "\n");

    private void Compress(string name, string text)
    {
        using var gzip = new GZipStream(File.Create(_directory[name]), CompressionLevel.Fastest);
        gzip.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Inodes are reused, and many files begin with the same half line: the name is better evidence.</summary>
    [Theory]
    [InlineData("web.log.1")]
    [InlineData("web.log-20261129")]
    public void Find_InodeAndBeginningOfOtherLogsFile_DecidesByName(string name)
    {
        Write("app.log", "2026-11-29T0");
        AcknowledgeAll("app.log");
        File.Move(_directory["app.log"], _directory[name]);
        File.AppendAllText(_directory[name], "1:00:00Z a\n");
        Write("app.log", "new");
        Write("web.log", "new");

        Assert.Equal("web.log", Find(name));
    }

    /// <summary>So is a log of which more bytes are known, if the name tells nothing.</summary>
    [Fact]
    public void Find_InodeOfDeletedFileWasReadAsOtherLogsFile_ReturnsOtherLog()
    {
        Write("app.log", "2026-11-29T0");
        AcknowledgeAll("app.log");
        File.Move(_directory["app.log"], _directory["web.log"]);
        File.AppendAllText(_directory["web.log"], "1:00:00Z a\n");
        AcknowledgeAll("web.log");
        File.Move(_directory["web.log"], _directory["old"]);
        Write("app.log", "new");
        Write("web.log", "new");

        Assert.Equal("web.log", Find("old"));
    }

    /// <summary>A log's new live file may also get the inode of another log's deleted file.</summary>
    [Fact]
    public void Owns_LiveFileHasInodeAndBeginningOfOtherLogsFile_ReturnsTrue()
    {
        Write("app.log", "2026-11-29T0");
        AcknowledgeAll("app.log");
        File.Move(_directory["app.log"], _directory["web.log"]);
        File.AppendAllText(_directory["web.log"], "1:00:00Z a\n");
        Write("app.log", "new");
        FileStatus.OfPath(_directory["web.log"], out FileStatus status);
        var owners = new FileOwners(_checkpoints, _time);

        Assert.True(owners.Owns(new RotatedLog(_directory, "web.log", 0, owners), new DirectoryEntry("web.log", status.Inode, IsValidName: true)));
    }

    /// <summary>Stores a checkpoint by which all of a file was read and acknowledged.</summary>
    private void AcknowledgeAll(string name)
    {
        string path = _directory[name];
        byte[] content = File.ReadAllBytes(path);
        FileStatus.OfPath(path, out FileStatus status);
        StreamCheckpoint stream = _checkpoints.GetOrAddStream("file:" + path);
        var changes = new CheckpointChanges();
        changes.Updates.Add((stream, new GenerationUpdate(
            _checkpoints.AddGeneration(stream, path), FileIdentity.Of(content), status.Inode, FilePosition.Both(content.Length), content.Length,
            new FileProof(content.Length, XxHash3.HashToUInt64(content)))));
        _checkpoints.Commit(changes);
    }
}
