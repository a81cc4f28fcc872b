using Shipper.Core.Tests.Fuzzing.Targets;

namespace Shipper.Core.Tests.Fuzzing;

/// <summary>
/// Every parser of untrusted input is fed with its corpus, and then for two seconds with mutations of real input. README.md explains how to run longer.
/// </summary>
[Trait("Speed", "Slow")]
public class FuzzTests
{
    [Fact]
    public Task ParseCri_AnyLine_FollowsTheGrammar() => FuzzAsync(new CriTarget());

    [Fact]
    public Task ParseDocker_AnyLine_FollowsItsJson() => FuzzAsync(new DockerTarget());

    [Fact]
    public Task ReadLogFile_AnyContent_GivesTheSameRecordsHoweverItIsRead() => FuzzAsync(new LogFileTarget());

    [Fact]
    public Task ReadPlainFile_AnyContent_GivesTheSameRecordsHoweverItIsRead() => FuzzAsync(new PlainFileTarget());

    [Fact]
    public Task ReadGzip_AnyContent_ReadsItOrGivesUp() => FuzzAsync(new GzipTarget());

    [Fact]
    public Task ReadLokiAnswer_AnyText_ReturnsAVerdict() => FuzzAsync(new LokiAnswerTarget());

    [Fact]
    public Task ReadQueryAnswer_AnyJson_FollowsItsDocument() => FuzzAsync(new QueryAnswerTarget());

    [Fact]
    public Task ReadCheckpoint_AnyBytes_GivesAValidState() => FuzzAsync(new CheckpointTarget());

    [Fact]
    public Task ReadList_AnyResponse_LosesOnlyInvalidItems() => FuzzAsync(new ListTarget());

    [Fact]
    public Task ReadWatch_AnyEvent_LosesOnlyInvalidEvents() => FuzzAsync(new WatchTarget());

    [Fact]
    public Task LoadConfiguration_AnyText_AcceptsItOrReportsAPlace() => FuzzAsync(new ConfigurationTarget());

    [Fact]
    public Task ReadKubeconfig_AnyText_AcceptsOrRefusesIt() => FuzzAsync(new KubeconfigTarget());

    [Fact]
    public Task ReadAnnotations_AnyText_ObeysOrReportsThem() => FuzzAsync(new AnnotationTarget());

    [Fact]
    public Task CompressSnappy_AnyBytes_CanBeReadByAnotherImplementation() => FuzzAsync(new SnappyTarget());

    [Fact]
    public Task Redact_AnyLine_RemovesThePlantedSecret() => FuzzAsync(new RedactTarget());

    [Fact]
    public Task ParseName_AnyText_FollowsItsPattern() => FuzzAsync(new NameTarget());

    [Fact]
    public Task ScanJson_AnyLine_FindsTheMembersBeforeTheError() => FuzzAsync(new JsonLineTarget());

    [Fact]
    public Task ScanText_AnyLine_FollowsTheGrammars() => FuzzAsync(new TextLineTarget());

    [Fact]
    public Task ApplyRules_AnyPatternAndLine_FollowThePattern() => FuzzAsync(new RuleTarget());

    [Fact]
    public Task JoinLines_AnyLines_KeepsEachInItsPlace() => FuzzAsync(new MultilineTarget());

    [Fact]
    public Task DetectLevel_AnyRecord_IgnoresColorsAndTheMessage() => FuzzAsync(new LevelTarget());

    [Fact]
    public Task ParseTapQuery_AnyText_IsParsedOrRefusedWithAColumn() => FuzzAsync(new TapQueryTarget());

    private static async Task FuzzAsync(FuzzTarget target)
    {
        CancellationToken stopping = TestContext.Current.CancellationToken;
        using var disposable = target as IDisposable;
        var run = new FuzzRun(target, FuzzOptions.Seed);
        Task running = Task.Run(() => run.Execute(FuzzOptions.Duration, stopping), stopping);

        // A check that hangs raises no event, so look at the run once a second.
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stopping)) != running)
        {
            if (run.IsStuck)
            {
                Assert.Fail(run.Explain($"the check takes longer than {target.MaxDuration.TotalSeconds} s"));
            }
        }

        await running;
        TestContext.Current.TestOutputHelper?.WriteLine($"{target.Name}, seed {FuzzOptions.Seed}: {run.Count} inputs, {run.Outcomes} outcomes");
    }
}
