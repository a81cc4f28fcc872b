using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shipper.Configuration;
using Shipper.Native;
using Shipper.Reloading;

namespace Shipper.Commands;

/// <summary><c>shipper run</c>: runs the agent until SIGTERM or SIGINT.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Option<string> config = ConfigOption.Create();
        var command = new Command("run", "Run the agent until SIGTERM or SIGINT.") { config };
        command.SetAction((result, stopping) => RunAsync(result.GetRequiredValue(config), stopping));
        return command;
    }

    private static async Task<int> RunAsync(string path, CancellationToken stopping)
    {
        if (OpenFileLimit.Raise() < OpenFileLimit.Min)
        {
            await Console.Error.WriteLineAsync(
                $"shipper: can't start: only {OpenFileLimit.Current} files may be open, but the agent needs at least {OpenFileLimit.Min}. Raise the limit with ulimit -n, LimitNOFILE= in the systemd unit, or in the container runtime");
            return 1;
        }

        // Create the watch before reading the file, so that no change is missed.
        var watch = new ConfigWatch(path, TimeProvider.System);

        // Register before anything else and until the end: an unhandled SIGHUP ends the program.
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            watch.ReloadNow();
        });
        if (!ConfigOption.TryLoad(path, FileCheck.Lenient, Console.Error, out ConfigFile config))
        {
            return ConfigOption.UsageError;
        }

        try
        {
            // RunAsync disposes the host.
            IHost host = Hosting.CreateHost(path, config, watch);
            AgentService service = host.Services.GetRequiredService<AgentService>();
            await host.RunAsync(stopping);
            return service.ExitCode;
        }
        catch (Exception e) when (IoFailure.Is(e) || e is CryptographicException)
        {
            await Console.Error.WriteLineAsync($"shipper: can't start: {e.Message}");
            return 1;
        }
    }
}
