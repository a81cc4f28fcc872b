using Shipper.Core.Tests.Processing.Rules;
using Shipper.Processing;
using Shipper.Processing.Limits;

namespace Shipper.Core.Tests.Processing.Limits;

/// <summary>Limits for tests.</summary>
internal static class TestLimit
{
    public const long Second = 1_000_000_000;
    public const long Start = 1_773_310_532 * Second;

    public static LimitOptions Options(string name, OverLimit over, long bytes = 0, long lines = 0, int burst = 10) =>
        new() { Name = name, Over = over, Bytes = bytes, Lines = lines, Burst = TimeSpan.FromSeconds(burst) };

    public static LimitStage Stage(OverLimit over, long bytes = 0, long lines = 0, int burst = 10) => new([(Options("noisy", over, bytes, lines, burst), 0)]);

    public static int CountKept(LimitStage stage, StageContext context, IEnumerable<long> times) =>
        times.Count(time => new TestRecord("x", time).Apply(stage, context) == StageVerdict.Keep);
}
