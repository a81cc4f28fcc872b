using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Configuration;

/// <summary>A start and a reload treat a configuration in the same way.</summary>
public sealed class StartAndReloadTests : IDisposable
{
    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    public static TheoryData<string, string> Refused => new()
    {
        { "", "the configuration is empty" },
        { "# commented out\n", "the configuration is empty" },
        { "loki: {basicAuth: {username: me}}", "loki.basicAuth.username needs loki.basicAuth.passwordFile" },
        { "loki: {url: \"https://a\", tls: {caFile: /nowhere/ca.crt}}", "loki.tls.caFile /nowhere/ca.crt can't be used" },
        { "sources: {containers: {enabled: false}, journal: {enabled: false}}", "nothing would be read" },
        { "loki: {url: \"http://a/loki\"}", "where Loki accepts no pushes" },
        { "[SERVICE]\n    Flush 1\n", "this is a configuration of Fluent Bit" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task StartAndReload_InvalidConfiguration_RefusesItForTheSameReason(string yaml, string reason)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, "log: {format: text}");
        await sut.WaitUntilReadyAsync();
        string other = Path.Combine(_node.Root, "other.yaml");
        await File.WriteAllTextAsync(other, yaml, TestContext.Current.CancellationToken);

        CommandResult start = await ShipperProgram.RunAsync("run", "--config", other);
        await File.WriteAllTextAsync(sut.ConfigPath, yaml, TestContext.Current.CancellationToken);
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync("was refused: ");

        Assert.Equal(2, start.ExitCode);
        Assert.Contains(reason, start.Error, StringComparison.Ordinal);
        Assert.Contains(sut.Log, line => line.Contains("was refused: ", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
    }

    /// <summary>The warning is in the log, once, and not printed outside it as well.</summary>
    [Fact]
    public async Task StartAndReload_ConfigurationWithWarning_EachLogsItOnce()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        const string More = "labels: {team: a}\nkubernetes: {enabled: false, labels: {team: \"label:team\"}}";
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, More);
        await sut.WaitUntilReadyAsync();
        string[] atTheStart = [.. sut.Log.Where(line => line.Contains("kubernetes.labels.team replaces labels.team", StringComparison.Ordinal))];

        await File.AppendAllTextAsync(sut.ConfigPath, "\n# changed\n", TestContext.Current.CancellationToken);
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync("The new configuration is in use");

        Assert.Contains($"Configuration {sut.ConfigPath}:", Assert.Single(atTheStart), StringComparison.Ordinal);
        Assert.Equal(2, sut.Log.Count(line => line.Contains("kubernetes.labels.team replaces labels.team", StringComparison.Ordinal)));
    }
}
