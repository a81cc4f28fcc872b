using System.Globalization;
using Shipper.Core.Tests.Lanes.Behaviour.Model;

namespace Shipper.Core.Tests.Lanes.Behaviour;

public class ModelTests
{
    private const int Runs = 2_000;
    private const int ProcessedRuns = 500;
    private const int ActionsPerRun = 80;

    // Constant, so that only a change of the code can make a test fail; set SHIPPER_MODEL_FIRST to try others.
    private const int DefaultFirst = 1;

    // A run takes 50 ms; only one that never ends takes this long, even on a busy machine.
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Thousands of random runs. If one fails, the message contains its seed: SHIPPER_MODEL_SEED=N repeats it alone; SHIPPER_MODEL_FIRST and SHIPPER_MODEL_RUNS
    /// set the first seed and the number of runs.
    /// </summary>
    [Trait("Speed", "Slow")]
    [Fact]
    public Task Turn_RandomActionsOnLogs_EveryRecordArrivesInOrderOrIsCountedAsLost() => RunSeedsAsync(Runs, isProcessed: false);

    /// <summary>The same with stack traces, and with rules and limits that change.</summary>
    [Trait("Speed", "Slow")]
    [Fact]
    public Task Turn_RandomActionsOnLogsWithRules_EveryLineArrivesOnceOrIsCountedAsDroppedOrLost() => RunSeedsAsync(ProcessedRuns, isProcessed: true);

    /// <summary>
    /// Runs that failed once: a torn first line, files that moved to another disk, NULs at the end of an earlier run's file, a reused inode, files in another
    /// order after a start.
    /// </summary>
    [Theory]
    [InlineData(910_012)]
    [InlineData(1_700_838)]
    [InlineData(5_001_161)]
    [InlineData(5_002_212)]
    [InlineData(5_003_164)]
    [InlineData(5_004_855)]
    [InlineData(9_004_080)]
    public Task Turn_SeedThatFailedOnce_EveryRecordArrivesInOrderOrIsCountedAsLost(int seed) => RunAsync(seed, isProcessed: false);

    /// <summary>
    /// Runs with rules that failed once: lines after a quiet flush in the same push, a record that was dropped by older rules, a loss of a log that had moved, a
    /// group that continues in the next file.
    /// </summary>
    [Theory]
    [InlineData(825)]
    [InlineData(1_983)]
    [InlineData(2_274)]
    [InlineData(2_676)]
    [InlineData(2_703)]
    [InlineData(3_805)]
    public Task Turn_SeedWithRulesThatFailedOnce_EveryLineArrivesOnceOrIsCountedAsDroppedOrLost(int seed) => RunAsync(seed, isProcessed: true);

    private static async Task RunSeedsAsync(int usual, bool isProcessed)
    {
        int first = Read("SHIPPER_MODEL_SEED") ?? Read("SHIPPER_MODEL_FIRST") ?? DefaultFirst;
        int runs = Read("SHIPPER_MODEL_SEED") is null ? Read("SHIPPER_MODEL_RUNS") ?? usual : 1;
        for (int seed = first; seed < first + runs; seed++)
        {
            await RunAsync(seed, isProcessed);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seeds {first} to {first + runs - 1}");
    }

    private static async Task RunAsync(int seed, bool isProcessed)
    {
        var run = new ModelRun(seed, ActionsPerRun, isProcessed);
        Task running = Task.Run(run.Execute, TestContext.Current.CancellationToken);

        // A hang of the fake clock must fail the test, so this bound is real time.
        if (await Task.WhenAny(running, Task.Delay(MaxDuration, TimeProvider.System, TestContext.Current.CancellationToken)) != running)
        {
            Assert.Fail(run.Explain("the run does not end"));
        }

        await running;
        run.Dispose();
    }

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
