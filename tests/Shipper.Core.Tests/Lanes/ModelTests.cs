using System.Globalization;
using Shipper.Lanes.Model;

namespace Shipper.Lanes;

public class ModelTests
{
    private const int Runs = 3_000;
    private const int ActionsPerRun = 80;

    /// <summary>
    /// Thousands of random lives. The seed of a failing one is in the message: SHIPPER_MODEL_SEED=N runs it alone, and
    /// SHIPPER_MODEL_RUNS sets how many there are.
    /// </summary>
    [Fact]
    public void Node_RandomActionsOnLogs_EveryRecordArrivesInOrderOrIsCounted()
    {
        int first = Read("SHIPPER_MODEL_SEED") ?? Environment.TickCount & 0xFFFFFF;
        int runs = Read("SHIPPER_MODEL_SEED") is null ? Read("SHIPPER_MODEL_RUNS") ?? Runs : 1;
        for (int seed = first; seed < first + runs; seed++)
        {
            using var run = new ModelRun(seed, ActionsPerRun);
            run.Execute();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seeds {first} to {first + runs - 1}");
    }

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
