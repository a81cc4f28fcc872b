using Shipper.Core.Tests.Processing.Rules.Probes;
using Shipper.Core.Tests.Support;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Processing.Limits;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Processing.Rules;

/// <summary>Runs alone, as <see cref="Lanes.Behaviour.AllocationTests"/> does, and for the same reason.</summary>
[Collection("alone")]
public class StageAllocationTests
{
    private readonly StageContext _context = new(64 * 1024);

    [Fact]
    public void Apply_RulesAndLimits_AllocateNothing()
    {
        _context.Memory.Bind(["drop", "sample", "slow"]);
        LimitOptions[] limits =
        [
            .. Enum.GetValues<OverLimit>().Select(over => new LimitOptions
            {
                Name = $"{over}", Over = over, Bytes = 1_000, Lines = 10, When = new WhenOptions { Level = [(RecordLevel)((int)over + 1)] },
            }),
        ];
        ProcessingStage[] stages =
        [
            new RuleStage(
            [
                Rule("keep", RuleActionKind.Keep, new TextOptions { Contains = ["order", "cart"] }),
                new RuleOptions { Name = "probes", Preset = RuleOptions.HealthChecksPreset },
                new RuleOptions { Name = "fields", When = new WhenOptions { Field = new() { ["msg"] = "*heartbeat*" } } },
                Rule("sample", RuleActionKind.Sample, new TextOptions { StartsWith = ["GET"] }),
            ]),
            new LimitStage([.. limits.Select((limit, slot) => (limit, slot))]),
        ];
        IEnumerable<string> lines = HealthCheckLines.Checks.Concat(HealthCheckLines.Others);
        TestRecord[] records = [.. lines.Select((line, i) => new TestRecord(line, i * 1_000_000_000L, (RecordLevel)(i % 8)))];
        ApplyAll();

        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                ApplyAll();
            }
        }));

        void ApplyAll()
        {
            foreach (ProcessingStage stage in stages)
            {
                foreach (TestRecord record in records)
                {
                    record.Apply(stage, _context);
                }
            }
        }
    }

    private static RuleOptions Rule(string name, RuleActionKind kind, TextOptions text) =>
        new() { Name = name, When = new WhenOptions { Text = text }, Do = new RuleAction(kind, SampleOf: 10) };
}
