using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Discovery;

public sealed class LogDiscoveryTests : IDisposable
{
    private const string Id = "806e352a13d953282081432ea2744015fabf6698b6a2b7ec24035d62301a8e6b";

    private readonly TemporaryDirectory _directory = new();
    private readonly TemporaryDirectory _state = new();
    private readonly RecordedLog _log = new();
    private readonly AgentMetrics _metrics = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly RecordingSink _sink = new();
    private readonly CheckpointStore _checkpoints;

    public LogDiscoveryTests()
    {
        Directory.CreateDirectory(_directory["containers"]);
        _checkpoints = CheckpointStore.Open(_state, NullLogger.Instance, _metrics);
    }

    public void Dispose()
    {
        _checkpoints.Dispose();
        _state.Dispose();
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void Scan_KubeletLink_FindsLogAtTarget()
    {
        Link("web_shop_app", CreateLog("shop_web_uid-1", "app", "0.log"));

        using LogDiscovery sut = Create();
        Scan(sut);

        LogFound found = Assert.Single(_sink.Found);
        Assert.Equal("shop/web/app", found.Key);
        Assert.Equal("{container=\"app\", namespace=\"shop\", pod=\"web\"}", found.Attributes.Get(0).Labels.Selector);
        Assert.Equal(_directory["pods/shop_web_uid-1/app"], found.RotatedLog.Path);
        Assert.True(sut.IsReady);
    }

    /// <summary>Each link's name ends in the first digits of another ID, so it looks like the name of another container.</summary>
    [Fact]
    public void Scan_LinkNamesCutOff_FindsOneStreamOfContainer()
    {
        string pod = new('p', 200);
        for (int restart = 0; restart < 2; restart++)
        {
            string name = $"{pod}_workflows-of-a-team_step-{new string("ab"[restart], 64)}";
            string log = CreateLog($"workflows-of-a-team_{pod}_uid-1", "step", $"{restart}.log");
            File.CreateSymbolicLink(_directory[$"containers/{name[..236]}.log"], log);
        }

        using LogDiscovery sut = Create();
        Scan(sut);

        Assert.Equal(2, _sink.Found.Count);
        (string key, string selector) = Assert.Single(_sink.Found.Select(found => (found.Key, found.Attributes.Get(0).Labels.Selector)).Distinct());
        Assert.Equal($"workflows-of-a-team/{pod}/step", key);
        Assert.Contains("{container=\"step\", ", selector, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_ChainOfLinks_FindsDockerFile()
    {
        string target = CreateLog("docker", Id, $"{Id}-json.log", below: "lib");
        Directory.CreateDirectory(_directory["pods/shop_web_uid-1/app"]);
        File.CreateSymbolicLink(_directory["pods/shop_web_uid-1/app/2.log"], target);
        Link("web_shop_app", _directory["pods/shop_web_uid-1/app/2.log"]);

        using LogDiscovery sut = Create();
        Scan(sut);

        Assert.Equal(target, Assert.Single(_sink.Found).RotatedLog.Path);
        Assert.True(_sink.Found[0].RotatedLog.TryParse($"{Id}-json.log", out GenerationName name));
        Assert.Equal(2, name.Restart);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scan_TargetNotMountedForAWhile_LogsAndCountsOnce(bool isDocker)
    {
        string target = "/not/mounted/here/0.log";
        if (isDocker)
        {
            // The log in /var/log/pods is itself a link to the file that docker writes.
            Directory.CreateDirectory(_directory["pods/shop_web_uid-1/app"]);
            File.CreateSymbolicLink(_directory["pods/shop_web_uid-1/app/0.log"], target);
            target = _directory["pods/shop_web_uid-1/app/0.log"];
        }

        File.CreateSymbolicLink(_directory[$"containers/web_shop_app-{Id}.log"], target);
        using LogDiscovery sut = Create();
        Scan(sut);
        Assert.Equal(0, _metrics.FileErrors.Get("not_mounted"));

        for (int i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(6));
            Scan(sut);
        }

        Assert.Equal(1, _metrics.FileErrors.Get("not_mounted"));
        Assert.Contains(_log.Messages, message => message.Contains("points to /not/mounted/here/0.log, but /not does not exist here", StringComparison.Ordinal));
        Assert.Empty(_sink.Found);
    }

    [Fact]
    public void Scan_LinkTargetDeleted_CountsBrokenLink()
    {
        Link("web_shop_app", CreateLog("shop_web_uid-1", "app", "0.log"));
        File.CreateSymbolicLink(_directory[$"containers/old_shop_app-{Id}.log"], _directory["pods/shop_old_uid-2/app/0.log"]);
        using LogDiscovery sut = Create();
        Scan(sut);
        _time.Advance(TimeSpan.FromSeconds(6));
        Scan(sut);

        Assert.Equal(1, _metrics.FileErrors.Get("broken_link"));
        Assert.Single(_sink.Found);
    }

    [Fact]
    public void Scan_NotRegularFiles_CountsThemAndFindsOtherLogs()
    {
        Directory.CreateDirectory(_directory["containers/directory_ns_c.log"]);
        Assert.Equal(0, MakeFifo(_directory["containers/fifo_ns_c.log"], 0x1A4));
        File.CreateSymbolicLink(_directory["containers/loop_ns_c.log"], _directory["containers/loop_ns_c.log"]);
        File.WriteAllText(_directory["containers/good_ns_c.log"], "");

        using LogDiscovery sut = Create();
        Scan(sut);
        _time.Advance(TimeSpan.FromSeconds(6));
        Scan(sut);

        Assert.Equal("ns/good/c", Assert.Single(_sink.Found).Key);
        Assert.Equal(2, _metrics.FileErrors.Get("not_a_file"));
        Assert.Equal(1, _metrics.FileErrors.Get("broken_link"));
    }

    [Fact]
    public void Scan_LinkCreatedAndDeleted_PublishesFoundAndUnlinked()
    {
        using LogDiscovery sut = Create();
        Scan(sut);
        Assert.Empty(_sink.Found);

        string link = Link("web_shop_app", CreateLog("shop_web_uid-1", "app", "0.log"));
        Scan(sut);
        Assert.Single(_sink.Found);

        File.Delete(link);
        Scan(sut);
        Assert.Equal(_directory["pods/shop_web_uid-1/app"], Assert.Single(_sink.Unlinked));
    }

    [Fact]
    public void Scan_LogDirectoryChanged_PublishesChange()
    {
        string log = CreateLog("shop_web_uid-1", "app", "0.log");
        Link("web_shop_app", log);
        using LogDiscovery sut = Create();
        Scan(sut);
        Scan(sut);
        _sink.Changed.Clear();

        File.Move(log, log + ".20261123-012803");
        Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(log)!, _time.GetUtcNow().UtcDateTime.AddMinutes(-1));
        sut.Scan(isFull: false);

        Assert.Contains(Path.GetDirectoryName(log), _sink.Changed);
    }

    [Theory]
    [InlineData("pods/**/*.log")]
    [InlineData("pods/*/*/*.log")]
    public void Scan_TreeWithOtherFilesAndLinkCycles_FindsLogs(string pattern)
    {
        CreateLog("shop_web_uid-1", "app", "0.log");
        File.WriteAllText(_directory["pods/README"], "no directory");
        File.CreateSymbolicLink(_directory["pods/up"], _directory);
        File.CreateSymbolicLink(_directory["pods/here"], _directory["pods"]);

        using LogDiscovery sut = Create(include: [_directory[pattern]]);
        Scan(sut);

        Assert.Single(_sink.Found.Select(found => found.RotatedLog.Path).Distinct());
        Assert.InRange(_sink.Found.Count, 1, 2);
        Assert.Equal(0, _metrics.FileErrors.Get("unreadable"));
    }

    /// <summary>The pattern matches the path of the log in millions of ways.</summary>
    [Fact]
    public void Scan_ManyDoubleStars_FindsLogOnce()
    {
        CreateLog("shop_web_uid-1", string.Join('/', Enumerable.Repeat("a", 30)), "0.log");

        using LogDiscovery sut = Create(include: [_directory["pods/" + string.Concat(Enumerable.Repeat("**/a/", 12)) + "**/*.log"]]);
        Scan(sut);

        Assert.Single(_sink.Found);
    }

    [Fact]
    public void Scan_ExcludedLog_IgnoresIt()
    {
        Link("web_shop_app", CreateLog("shop_web_uid-1", "app", "0.log"));
        Link("dns_kube-system_dns", CreateLog("kube-system_dns_uid-2", "dns", "0.log"));

        using LogDiscovery sut = Create(exclude: [_directory["containers/*_kube-system_*.log"]]);
        Scan(sut);

        Assert.Equal("shop/web/app", Assert.Single(_sink.Found).Key);
    }

    [Fact]
    public void Scan_LinksAndTheirTargetsIncluded_FindsOneLog()
    {
        Link("web_shop_app", CreateLog("shop_web_uid-1", "app", "0.log"));

        using LogDiscovery sut = Create(include: [_directory["containers/*.log"], _directory["pods/*/*/*.log"]]);
        Scan(sut);

        Assert.Equal(2, _sink.Found.Count);
        Assert.Single(_sink.Found.Select(found => (found.Key, found.RotatedLog.Path)).Distinct());
    }

    [Fact]
    public void Scan_DirectoryMissing_IsNotReadyUntilItExists()
    {
        using LogDiscovery sut = Create(include: [_directory["later/*.log"]]);
        Scan(sut);
        Assert.False(sut.IsReady);
        Assert.Contains(_log.Messages, message => message.Contains($"Can't list {_directory["later"]}", StringComparison.Ordinal));
        Assert.Equal(
            new UnreadableSource(_directory["later"], "unreadable", "No such file or directory", "Mount it into the agent's pod, or change the globs"), Assert.Single(sut.Unreadable));

        Directory.CreateDirectory(_directory["later"]);
        Scan(sut);
        Assert.True(sut.IsReady);
        Assert.Empty(sut.Unreadable);
    }

    [Fact]
    public void Unreadable_PathIsADirectory_NamesItUntilItIsGone()
    {
        Link("web_shop_app", _directory["containers"]);
        using LogDiscovery sut = Create();

        Scan(sut);
        UnreadableSource source = Assert.Single(sut.Unreadable);
        Assert.Equal(("not_a_file", "Exclude or remove it"), (source.Reason, source.Remedy));

        File.Delete(source.Path);
        Scan(sut);
        Assert.Empty(sut.Unreadable);
    }

    /// <summary>A new link can get the inode of the deleted one within milliseconds.</summary>
    [Fact]
    public void Scan_LinkReplacedWithSameInode_FollowsItAtNextFullScan()
    {
        string first = CreateLog("shop_web_uid-1", "app", "0.log");
        string second = CreateLog("shop_web_uid-2", "app", "0.log");
        using LogDiscovery sut = Create();
        Link("web_shop_app", first);
        Scan(sut);
        File.Delete(_directory[$"containers/web_shop_app-{Id}.log"]);
        Link("web_shop_app", second);

        sut.Scan(isFull: true);

        Assert.Equal([Path.GetDirectoryName(first)!, Path.GetDirectoryName(second)!], _sink.Found.Select(found => found.RotatedLog.Path));
        Assert.Equal([Path.GetDirectoryName(first)!], _sink.Unlinked);
    }

    /// <summary>/var/log/pods is a link that changes to another disk; the old directory stays, is deleted, or is replaced at its path.</summary>
    [Theory]
    [InlineData("changed")]
    [InlineData("changed and deleted")]
    [InlineData("replaced")]
    public void Scan_LinkInPathChanged_FollowsItAtNextScan(string how)
    {
        string first = CreateLog("shop_web_uid-1", "app", "0.log", below: "disk1");
        string second = CreateLog("shop_web_uid-1", "app", "0.log", below: "disk2");
        File.CreateSymbolicLink(_directory["pods"], _directory["disk1"]);
        Link("web_shop_app", _directory["pods/shop_web_uid-1/app/0.log"]);
        using LogDiscovery sut = Create();
        Scan(sut);
        sut.Scan(isFull: false);
        Assert.Equal(Path.GetDirectoryName(first), Assert.Single(_sink.Found).RotatedLog.Path);
        Assert.Empty(_sink.Unlinked);
        _sink.Found.Clear();
        _sink.Changed.Clear();

        if (how == "replaced")
        {
            Directory.Move(_directory["disk1"], _directory["old"]);
            Directory.Move(_directory["disk2"], _directory["disk1"]);
            second = first;
        }
        else
        {
            File.Delete(_directory["pods"]);
            sut.Scan(isFull: false);
            File.CreateSymbolicLink(_directory["pods"], _directory["disk2"]);
            if (how == "changed and deleted")
            {
                Directory.Delete(_directory["disk1"], recursive: true);
            }
        }

        sut.Scan(isFull: false);

        Assert.Equal(Path.GetDirectoryName(second), Assert.Single(_sink.Found).RotatedLog.Path);
        Assert.Equal(how == "replaced" ? [] : [Path.GetDirectoryName(first)!], _sink.Unlinked);
        Assert.Contains(Path.GetDirectoryName(second), _sink.Changed);

        // From now on the new directory is watched.
        _sink.Changed.Clear();
        sut.Scan(isFull: false);
        Assert.Empty(_sink.Changed);
        File.Move(second, second + ".20261123-012803");
        sut.Scan(isFull: false);
        Assert.Contains(Path.GetDirectoryName(second), _sink.Changed);
    }

    /// <summary>The glob names a directory below the link, and the files of the other disk may have the same inodes.</summary>
    [Fact]
    public void Scan_LinkInGlobDirectoryChanged_FindsNewFiles()
    {
        string first = CreateLog("a", "b", "web_shop_app.log", below: "disk1");
        string second = CreateLog("a", "b", "web_shop_app.log", below: "disk2");
        Directory.SetLastWriteTimeUtc(_directory["disk2/a/b"], Directory.GetLastWriteTimeUtc(_directory["disk1/a/b"]));
        File.CreateSymbolicLink(_directory["logs"], _directory["disk1"]);
        using LogDiscovery sut = Create(include: [_directory["logs/a/b/*.log"]]);
        Scan(sut);
        sut.Scan(isFull: false);
        File.Delete(_directory["logs"]);
        File.CreateSymbolicLink(_directory["logs"], _directory["disk2"]);

        sut.Scan(isFull: false);

        Assert.Equal([first, second], _sink.Found.Select(found => found.RotatedLog.Path));
        Assert.Equal([first], _sink.Unlinked);
    }

    [Fact]
    public void Scan_TwoPodsOfSameName_PublishesOlderFirst()
    {
        string old = CreateLog("shop_db-0_uid-1", "db", "0.log");
        string young = CreateLog("shop_db-0_uid-2", "db", "0.log");
        File.SetLastWriteTimeUtc(young, DateTime.UnixEpoch.AddDays(2));
        File.SetLastWriteTimeUtc(old, DateTime.UnixEpoch.AddDays(1));
        Link("db-0_shop_db", young);
        File.CreateSymbolicLink(_directory[$"containers/db-0_shop_db-{new string('f', 64)}.log"], old);

        using LogDiscovery sut = Create();
        Scan(sut);

        Assert.Equal([Path.GetDirectoryName(old)!, Path.GetDirectoryName(young)!], _sink.Found.Select(found => found.RotatedLog.Path));
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int MakeFifo(string path, uint mode);

    private static void Scan(LogDiscovery sut) => sut.Scan(isFull: true);

    private string CreateLog(string pod, string container, string name, string below = "pods")
    {
        string directory = Path.Combine(_directory[below], pod, container);
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, name);
        File.WriteAllText(path, "");
        return path;
    }

    private string Link(string name, string target)
    {
        string link = _directory[$"containers/{name}-{Id}.log"];
        File.CreateSymbolicLink(link, target);
        return link;
    }

    private LogDiscovery Create(List<string>? include = null, List<string>? exclude = null)
    {
        var options = new ContainerSourceOptions { Include = include ?? [_directory["containers/*.log"]], Exclude = exclude ?? [] };
        return new LogDiscovery(
            [new ContainerLocation(options, (container, _) => Attributes.Fixed(Attributes.Of(("namespace", container.Namespace), ("pod", container.Pod), ("container", container.Container)).Labels), new FileOwners(_checkpoints, _time))],
            options.ScanInterval, _sink, _time, _log, _metrics, new Heartbeat(_time));
    }

    private sealed class RecordingSink : ILogSink
    {
        public List<LogFound> Found { get; } = [];

        public List<string> Unlinked { get; } = [];

        public List<string> Changed { get; } = [];

        public void Publish(LogChange change)
        {
            switch (change)
            {
                case LogFound found:
                    Found.Add(found);
                    break;
                case LogUnlinked unlinked:
                    Unlinked.Add(unlinked.LogPath);
                    break;
                case DirectoryChanged changed:
                    Changed.Add(changed.Directory);
                    break;
                default:
                    throw new NotSupportedException();
            }
        }
    }
}
