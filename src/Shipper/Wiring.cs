using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Shipper.Agents;
using Shipper.Configuration;
using Shipper.Http;
using Shipper.Logging;
using Shipper.Reloading;
using Shipper.Telemetry;

namespace Shipper;

/// <summary>
/// How <c>shipper run</c> is put together. The stages themselves stand in <see cref="Agent"/>, in the order of the flow:
/// <list type="number">
/// <item><see cref="Discovery.LogDiscovery"/> finds logs and tells their lane.</item>
/// <item><see cref="Enrichment.PodLogs"/> keeps back the logs that are excluded, <see cref="Enrichment.AttributeRules"/> makes labels.</item>
/// <item><see cref="Tailing.Tailer"/> keeps their files open and says which has something to read.</item>
/// <item><see cref="Tailing.Reading.LogReader"/> reads records, with the parsers of <c>Parsing</c>.</item>
/// <item><see cref="Batching.Batch"/> encodes them.</item>
/// <item><see cref="Loki.PushClient"/> sends the compressed batch and tells what the answer means.</item>
/// <item><see cref="Checkpoints.CheckpointStore"/> remembers what was acknowledged.</item>
/// </list>
/// <see cref="Lanes.Lane"/> holds 3 to 6 together, and another one <see cref="Journal.JournalSource"/>, 5 and 6; <see cref="Endpoints"/> and <c>Telemetry</c> show it from outside.
/// </summary>
internal static class Wiring
{
    /// <summary>Makes the host that runs the agent until SIGTERM or SIGINT.</summary>
    /// <param name="path">The configuration file.</param>
    /// <param name="config">What is in it.</param>
    /// <param name="watch">Tells when it changed.</param>
    public static IHost CreateHost(string path, ConfigFile config, ConfigWatch watch)
    {
        AgentOptions options = config.Options;
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.GracePeriod + TimeSpan.FromSeconds(4));
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);

        // Speaks to whoever set NOTIFY_SOCKET. The package's own lifetime does so only as a direct child of systemd.
        builder.Services.AddSingleton<ISystemdNotifier>(new SystemdNotifier());
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton(
            services => new AgentLoggerProvider(Console.OpenStandardError(), options.LogLevel, options.LogFormat, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<AgentLoggerProvider>());
        builder.Services.AddSingleton<AgentMetrics>();
        builder.Services.AddSingleton<Heartbeat>();
        builder.Services.AddSingleton(services => new AgentSupervisor(
            path,
            options,
            watch,
            wanted => new Agent(
                wanted,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILoggerFactory>(),
                services.GetRequiredService<AgentMetrics>(),
                services.GetRequiredService<Heartbeat>()),
            services.GetRequiredService<AgentLoggerProvider>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Reloading"),
            services.GetRequiredService<AgentMetrics>(),
            services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new Endpoints(
            () => services.GetRequiredService<AgentSupervisor>().Unready,
            () => services.GetRequiredService<AgentSupervisor>().Describe(),
            stopping => services.GetRequiredService<AgentSupervisor>().GetStatusAsync(stopping),
            services.GetRequiredService<AgentMetrics>(), services.GetRequiredService<Heartbeat>()));
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
