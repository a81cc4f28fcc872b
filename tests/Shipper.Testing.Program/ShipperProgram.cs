using System.Diagnostics;
using System.Reflection;

namespace Shipper.Testing.Program;

/// <summary>The program under test: the one that SHIPPER_BIN names, else the one built with the tests.</summary>
internal static class ShipperProgram
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(5);

    public static string Path { get; } =
        Environment.GetEnvironmentVariable("SHIPPER_BIN") is { Length: > 0 } path
            ? path
            : typeof(ShipperProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "ShipperBinary").Value!;

    /// <summary>Runs a command to its end.</summary>
    public static Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string?>(), arguments);

    /// <summary>Runs a command with environment variables; a null removes one.</summary>
    public static async Task<CommandResult> RunAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using Process process = Start(Path, arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(MaxDuration);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"shipper {string.Join(' ', arguments)} did not exit: {await output}{await error}");
        }

        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>Sends a signal, given by name.</summary>
    public static async Task SignalAsync(Process process, string signal)
    {
        // Uses the kill command of the shell: a small machine may have no such program.
        using Process kill = Start("/bin/sh", ["-c", $"kill -s {signal} {process.Id}"], new Dictionary<string, string?>());
        await kill.WaitForExitAsync();
    }

    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
