using System.Diagnostics;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public class CommandTests
{
    [Theory]
    [InlineData("--help", "run")]
    [InlineData("run --help", "--config")]
    [InlineData("validate --help", "--config")]
    [InlineData("validate --help", "--against")]
    [InlineData("test --help", "--config")]
    [InlineData("config --help", "--config")]
    [InlineData("demo --help", "--loki")]
    [InlineData("status --help", "--watch")]
    [InlineData("tap --help", "--stage")]
    [InlineData("explain --help", "NAMESPACE/POD")]
    [InlineData("schema --help", "JSON Schema")]
    [InlineData("version --help", "version")]
    public async Task Help_AnyCommand_PrintsUsage(string arguments, string expected)
    {
        CommandResult result = await ShipperProgram.RunAsync(arguments.Split(' '));

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("run")]
    [InlineData("run --config")]
    [InlineData("run --config a.yaml --config b.yaml")]
    [InlineData("run --config ")]
    [InlineData("config --config ")]
    [InlineData("validate")]
    [InlineData("validate ")]
    [InlineData("validate a.yaml b.yaml")]
    [InlineData("validate a.yaml --config b.yaml")]
    [InlineData("validate --config")]
    [InlineData("validate --config ")]
    [InlineData("validate --config a.yaml --config b.yaml")]
    [InlineData("validate --file x")]
    [InlineData("validate a.yaml --against")]
    [InlineData("validate a.yaml --against ")]
    [InlineData("validate --against a.log")]
    [InlineData("test")]
    [InlineData("demo --lines many")]
    [InlineData("demo --lines 1")]
    [InlineData("demo --loki somewhere")]
    public async Task Command_WrongUsage_ExitsWith2AndHint(string arguments)
    {
        CommandResult result = await ShipperProgram.RunAsync(arguments.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("shipper: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("validate --bogus a.yaml", "There is no option --bogus.")]
    [InlineData("validate --bogus", "There is no option --bogus.")]
    [InlineData("run --config --bogus", "There is no option --bogus.")]
    public async Task Command_UnknownOption_NamesIt(string arguments, string expected)
    {
        CommandResult result = await ShipperProgram.RunAsync(arguments.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--help")]
    [InlineData("demo --lines 1000")]
    public async Task Output_DiskFull_PrintsOneLineAndExitsWith1(string arguments)
    {
        using Process process = ShipperProgram.Start("/bin/sh", ["-c", $"exec \"$0\" {arguments} > /dev/full", ShipperProgram.Path], new Dictionary<string, string?>());
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith("shipper: can't write the output: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Version_Command_PrintsVersionCommitAndRuntime()
    {
        CommandResult result = await ShipperProgram.RunAsync("version");

        Assert.Equal(0, result.ExitCode);
        Assert.Matches("^shipper [0-9]+\\.[0-9]+\\.[0-9]+\ncommit  ([0-9a-f]{40}|unknown)\nruntime \\.NET 10\\.", result.Output);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("validate")]
    [InlineData("config")]
    [InlineData("test")]
    public async Task Command_ConfigurationFileMissing_ExitsWith2AndNamesIt(string command)
    {
        CommandResult result = await ShipperProgram.RunAsync(command, "--config", "/nowhere/shipper.yaml");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("/nowhere/shipper.yaml: can't be read", result.Output + result.Error, StringComparison.Ordinal);
    }
}
