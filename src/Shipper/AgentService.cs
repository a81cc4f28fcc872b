using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Configuration;
using Shipper.Http;
using Shipper.Native;
using Shipper.Reloading;
using Shipper.Telemetry;

namespace Shipper;

/// <summary>The agent as a hosted service. If the agent ends on its own, the program ends with <see cref="ExitCode"/>.</summary>
internal sealed class AgentService(
    string path, ConfigFile config, AgentSupervisor agents, HttpServer server, IHostApplicationLifetime lifetime, ISystemdNotifier systemd, ILogger logger)
    : BackgroundService
{
    /// <summary>0 after a clean stop, 1 if the agent failed.</summary>
    public int ExitCode { get; private set; }

    public override void Dispose()
    {
        server.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            ServiceEvents.Starting(logger, BuildInfo.Version, BuildInfo.Commit, config.Options.Cluster, config.Options.NodeName, config.Options.Loki.PushUrl);
            foreach (ConfigProblem warning in config.Problems)
            {
                ServiceEvents.ConfigWarning(logger, warning.Format(path));
            }

            ServiceEvents.OpenFileLimit(logger, OpenFileLimit.Current);
            await StartServerAsync(stoppingToken);
            using CancellationTokenRegistration stopping = stoppingToken.Register(() => systemd.Notify(ServiceState.Stopping));
            bool isSaved = await agents.RunAsync(() => systemd.Notify(ServiceState.Ready), NotifyReloading, stoppingToken);

            // Don't drain: an idle keep-alive connection must not delay the shutdown.
            await server.StopAsync(new CancellationToken(canceled: true));
            if (isSaved)
            {
                ServiceEvents.Stopped(logger);
            }
            else
            {
                ServiceEvents.StoppedUnsaved(logger, config.Options.State.Path);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            ServiceEvents.Stopped(logger);
        }
        catch (Exception e) when (IoFailure.Is(e) || e is StateUnavailableException or CryptographicException)
        {
            ExitCode = 1;
            ServiceEvents.CannotRun(logger, e.Message);
        }
        catch (OutOfMemoryException)
        {
            ExitCode = 1;
            ServiceEvents.CannotRun(logger, "out of memory. Raise the memory limit (size or resources.limits.memory of the chart), or lower buffer.memory");
        }
#pragma warning disable CA1031 // The top level of the program.
        catch (Exception e)
#pragma warning restore CA1031
        {
            ExitCode = 1;
            ServiceEvents.Failed(logger, e);
        }
        finally
        {
            await agents.SaveOwnLogTailAsync();
            lifetime.StopApplication();
        }
    }

    private async Task StartServerAsync(CancellationToken stopping)
    {
        try
        {
            await server.StartAsync(stopping);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new IOException($"server.listen {config.Options.Listen} can't be used: {e.GetBaseException().Message}. Free the address, or set another one", e);
        }
    }

    /// <summary>Notifies systemd of a reload, as sd_notify(3) requires for a service of type notify-reload.</summary>
    private void NotifyReloading() => systemd.Notify(new ServiceState(string.Create(
        CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetElapsedTime(0).TotalMicroseconds:0}")));
}
