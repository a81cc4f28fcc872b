using System.Globalization;
using Shipper.Core.Tests.Lanes.Behaviour.Model;

namespace Shipper.Core.Tests.Lanes.Behaviour;

public class ModelTests
{
    private const int Runs = 2_000;
    private const int ActionsPerRun = 80;

    // Always the same ones, so that a change is what makes them fail; others are looked for with SHIPPER_MODEL_FIRST.
    private const int DefaultFirst = 1;

    // A life takes a twentieth of a second; only one that never ends takes this long, however busy the machine is.
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Thousands of random lives. The seed of a failing one is in the message: SHIPPER_MODEL_SEED=N runs it alone;
    /// SHIPPER_MODEL_FIRST and SHIPPER_MODEL_RUNS say where to begin and how many there are.
    /// </summary>
    [Trait("Speed", "Slow")]
    [Fact]
    public async Task Node_RandomActionsOnLogs_EveryRecordArrivesInOrderOrIsCounted()
    {
        int first = Read("SHIPPER_MODEL_SEED") ?? Read("SHIPPER_MODEL_FIRST") ?? DefaultFirst;
        int runs = Read("SHIPPER_MODEL_SEED") is null ? Read("SHIPPER_MODEL_RUNS") ?? Runs : 1;
        for (int seed = first; seed < first + runs; seed++)
        {
            await RunAsync(seed);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seeds {first} to {first + runs - 1}");
    }

    /// <summary>Lives that went wrong once: a torn first line, files that moved to another disk, NULs behind an earlier run, an inode that was used again, files in another order after a start.</summary>
    [Theory]
    [InlineData(910_012)]
    [InlineData(1_700_838)]
    [InlineData(5_001_161)]
    [InlineData(5_002_212)]
    [InlineData(5_003_164)]
    [InlineData(5_004_855)]
    [InlineData(9_004_080)]
    public Task Node_LifeThatWentWrongOnce_EveryRecordArrivesInOrderOrIsCounted(int seed) => RunAsync(seed);

    private static async Task RunAsync(int seed)
    {
        var run = new ModelRun(seed, ActionsPerRun);
        Task life = Task.Run(run.Execute, TestContext.Current.CancellationToken);
        if (await Task.WhenAny(life, Task.Delay(MaxDuration, TimeProvider.System, TestContext.Current.CancellationToken)) != life)
        {
            Assert.Fail(run.Explain("it does not end"));
        }

        await life;
        run.Dispose();
    }

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
