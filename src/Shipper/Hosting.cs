using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Shipper.Agents;
using Shipper.Configuration;
using Shipper.Http;
using Shipper.Lanes;
using Shipper.Logging;
using Shipper.Reloading;
using Shipper.Status;
using Shipper.Taps;
using Shipper.Telemetry;

namespace Shipper;

/// <summary>
/// Creates the host of <c>shipper run</c>: the agent and its reloads, the HTTP endpoints, the notifications to systemd, and the agent's own log.
/// <see cref="Stages"/> has the stages that a line passes through.
/// </summary>
internal static class Hosting
{
    /// <summary>Creates the host that runs the agent until SIGTERM or SIGINT.</summary>
    /// <param name="path">The configuration file.</param>
    /// <param name="config">The configuration that was read from the file.</param>
    /// <param name="watch">Detects changes of the file.</param>
    public static IHost CreateHost(string path, ConfigFile config, ConfigWatch watch)
    {
        AgentOptions options = config.Options;
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.GracePeriod + TimeSpan.FromSeconds(4));
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);

        // Notifies any supervisor that sets NOTIFY_SOCKET. The package's own lifetime does this only in a direct child of systemd.
        builder.Services.AddSingleton<ISystemdNotifier>(new SystemdNotifier());
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton(
            services => new AgentLoggerProvider(Console.OpenStandardError(), options.LogLevel, options.LogFormat, services.GetRequiredService<TimeProvider>(), isTerminal: !Console.IsErrorRedirected));
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<AgentLoggerProvider>());
        builder.Services.AddSingleton<AgentMetrics>();
        builder.Services.AddSingleton<Heartbeat>();
        builder.Services.AddSingleton<StatusHistory>();
        builder.Services.AddSingleton<TapRegistry>();
        builder.Services.AddSingleton(services => new AgentSupervisor(
            path,
            options,
            watch,
            wanted => new Agent(
                wanted,
                new StageServices(
                    services.GetRequiredService<TimeProvider>(),
                    services.GetRequiredService<ILoggerFactory>(),
                    services.GetRequiredService<AgentMetrics>(),
                    services.GetRequiredService<Heartbeat>())
                {
                    Taps = services.GetRequiredService<TapRegistry>(),
                },
                services.GetRequiredService<StatusHistory>()),
            services.GetRequiredService<AgentLoggerProvider>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Reloading"),
            services.GetRequiredService<AgentMetrics>(),
            services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new Endpoints(
            services.GetRequiredService<AgentSupervisor>(), services.GetRequiredService<TapRegistry>(), services.GetRequiredService<AgentMetrics>(),
            services.GetRequiredService<Heartbeat>(), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new AgentService(
            path,
            config,
            services.GetRequiredService<AgentSupervisor>(),
            new HttpServer(ListenOn(options), 0, services.GetRequiredService<Endpoints>().HandleAsync),
            services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<ISystemdNotifier>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Agent")));
        builder.Services.AddHostedService(services => services.GetRequiredService<AgentService>());
        return builder.Build();
    }

    private static EndPoint ListenOn(AgentOptions options) =>
        Checks.TryParseListen(options.Listen, out EndPoint? endpoint)
            ? endpoint
            : throw new InvalidOperationException($"BUG: server.listen {options.Listen} passed the checks.");
}
