using Shipper.Core.Tests.Fuzzing.Targets;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>
/// Every parser that reads what others wrote, against inputs that nobody would write: the corpus, and for two seconds what mutation
/// makes of real ones. README.md tells how to look longer.
/// </summary>
[Trait("Speed", "Slow")]
public class FuzzTests
{
    [Fact]
    public Task Cri_AnyLine_IsTakenApartAsTheGrammarSays() => FuzzAsync(new CriTarget());

    [Fact]
    public Task Docker_AnyLine_IsTakenApartAsItsJsonSays() => FuzzAsync(new DockerTarget());

    [Fact]
    public Task LogFile_AnyContent_GivesTheSameHoweverItIsRead() => FuzzAsync(new LogFileTarget());

    [Fact]
    public Task PlainFile_AnyContent_GivesTheSameHoweverItIsRead() => FuzzAsync(new PlainFileTarget());

    [Fact]
    public Task Gzip_AnyContent_IsReadOrGivenUp() => FuzzAsync(new GzipTarget());

    [Fact]
    public Task LokiAnswer_AnyWords_LeadToAVerdict() => FuzzAsync(new LokiAnswerTarget());

    [Fact]
    public Task QueryAnswer_AnyJson_IsReadAsItsDocumentSays() => FuzzAsync(new QueryAnswerTarget());

    [Fact]
    public Task Checkpoint_AnyBytes_GiveAValidState() => FuzzAsync(new CheckpointTarget());

    [Fact]
    public Task List_AnyAnswer_CostsNoMoreThanItself() => FuzzAsync(new ListTarget());

    [Fact]
    public Task Watch_AnyEvent_CostsNoMoreThanItself() => FuzzAsync(new WatchTarget());

    [Fact]
    public Task Configuration_AnyText_IsUsedOrRefusedWithAPlace() => FuzzAsync(new ConfigurationTarget());

    [Fact]
    public Task Kubeconfig_AnyText_IsUsedOrRefused() => FuzzAsync(new KubeconfigTarget());

    [Fact]
    public Task Snappy_AnyBytes_AreReadBackByAnother() => FuzzAsync(new SnappyTarget());

    [Fact]
    public Task Names_AnyText_AreReadAsTheirPatternsSay() => FuzzAsync(new NameTarget());

    private static async Task FuzzAsync(FuzzTarget target)
    {
        CancellationToken stopping = TestContext.Current.CancellationToken;
        using var disposable = target as IDisposable;
        var run = new FuzzRun(target, FuzzOptions.Seed);
        Task running = Task.Run(() => run.Execute(FuzzOptions.Duration, stopping), stopping);
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stopping)) != running)
        {
            if (run.IsStuck)
            {
                Assert.Fail(run.Explain($"it takes longer than {target.MaxDuration.TotalSeconds} s"));
            }
        }

        await running;
        TestContext.Current.TestOutputHelper?.WriteLine($"{target.Name}, seed {FuzzOptions.Seed}: {run.Count} inputs, {run.Outcomes} outcomes");
    }
}
