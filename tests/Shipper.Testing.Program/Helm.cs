using System.Diagnostics;

namespace Shipper.Testing.Program;

/// <summary>The installed helm programs: those that SHIPPER_HELM lists, separated by colons, else the one on the PATH.</summary>
internal static class Helm
{
    /// <summary>The programs that each test runs with.</summary>
    public static IReadOnlyList<string> Programs { get; } =
        Environment.GetEnvironmentVariable("SHIPPER_HELM") is { Length: > 0 } named ? named.Split(':') : [.. FindOnPath("helm")];

    /// <summary>Renders the chart as the release <c>shipper</c> in the namespace <c>logging</c>.</summary>
    public static Task<CommandResult> TemplateAsync(string helm, params string[] options) =>
        RunAsync(helm, ["template", "shipper", ChartFiles.Directory, "--namespace", "logging", .. options]);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<CommandResult> RunAsync(string program, params string[] arguments)
    {
        using Process process = ShipperProgram.Start(program, arguments, new Dictionary<string, string?>());
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>Finds a program on the PATH.</summary>
    public static IEnumerable<string> FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => Path.Combine(directory, program)).Where(File.Exists).Take(1);
}
