using System.Text;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Processing.Rules.Probes;

namespace Shipper.Core.Tests.Processing.Rules.Probes;

public class HealthChecksTests
{
    public static TheoryData<string> Checks => [.. HealthCheckLines.Checks];

    public static TheoryData<string> Others => [.. HealthCheckLines.Others];

    [Theory]
    [MemberData(nameof(Checks))]
    public void IsHealthCheck_CheckThatSucceeded_IsTrue(string line) => Assert.True(IsHealthCheck(line, RecordLevel.Info));

    [Theory]
    [MemberData(nameof(Checks))]
    public void IsHealthCheck_CheckAtLevelError_IsFalse(string line) => Assert.False(IsHealthCheck(line, RecordLevel.Error));

    [Theory]
    [MemberData(nameof(Others))]
    public void IsHealthCheck_AnotherLine_IsFalse(string line) => Assert.False(IsHealthCheck(line, RecordLevel.None));

    [Theory]
    [InlineData("200", "302")]
    [InlineData("200", "404")]
    [InlineData("200", "500")]
    public void IsHealthCheck_AnotherStatus_IsFalse(string before, string after) =>
        Assert.All(
            HealthCheckLines.Checks.Where(line => line.Contains(before, StringComparison.Ordinal)),
            line => Assert.False(IsHealthCheck(line.Replace(before, after, StringComparison.Ordinal), RecordLevel.None), line));

    [Theory]
    [InlineData("/", ProbePath.Other)]
    [InlineData("", ProbePath.Other)]
    [InlineData("/healthz", ProbePath.Certain)]
    [InlineData("/healthz/", ProbePath.Certain)]
    [InlineData("/HEALTHZ", ProbePath.Other)]
    [InlineData("/readyz?verbose", ProbePath.Certain)]
    [InlineData("/livez/etcd", ProbePath.Certain)]
    [InlineData("/shop/healthz", ProbePath.Certain)]
    [InlineData("/shop-healthz", ProbePath.Other)]
    [InlineData("/health", ProbePath.Certain)]
    [InlineData("/v1/health", ProbePath.Certain)]
    [InlineData("/api/v2/health/ready", ProbePath.Certain)]
    [InlineData("/health/17", ProbePath.Other)]
    [InlineData("/healthcare", ProbePath.Other)]
    [InlineData("/users/health", ProbePath.Other)]
    [InlineData("/actuator/health/db", ProbePath.Certain)]
    [InlineData("/actuator/healthcare", ProbePath.Other)]
    [InlineData("/-/healthy", ProbePath.Certain)]
    [InlineData("/prometheus/-/ready", ProbePath.Certain)]
    [InlineData("/_health", ProbePath.Certain)]
    [InlineData("/healthcheck", ProbePath.Certain)]
    [InlineData("/status", ProbePath.Usual)]
    [InlineData("/statuses", ProbePath.Other)]
    [InlineData("/orders/1/status", ProbePath.Other)]
    [InlineData("/status?format=json", ProbePath.Other)]
    [InlineData("/metrics", ProbePath.Scrape)]
    [InlineData("/team/metrics", ProbePath.Scrape)]
    [InlineData("/grpc.health.v1.Health/Check", ProbePath.Grpc)]
    [InlineData("/search?q=/healthz", ProbePath.Other)]
    internal void Classify_Path_CountsWholeSegments(string path, ProbePath expected) =>
        Assert.Equal(expected, ProbePaths.Classify(Encoding.UTF8.GetBytes(path)));

    [Fact]
    public void IsHealthCheck_BeginningOrRestOfALongLine_IsFalse()
    {
        ReadOnlySpan<byte> line = "GET /healthz 200 1.204 ms - 2"u8;
        var beginning = new RecordDraft { Line = line, Length = 100_000 };
        var rest = new RecordDraft { Line = line, Length = line.Length, IsRemainder = true };

        Assert.False(HealthChecks.IsHealthCheck(in beginning));
        Assert.False(HealthChecks.IsHealthCheck(in rest));
    }

    private static bool IsHealthCheck(string line, RecordLevel level)
    {
        RecordDraft draft = new TestRecord(line, Level: level).Draft();
        return HealthChecks.IsHealthCheck(in draft);
    }
}
