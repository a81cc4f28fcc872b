using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Shipper.Testing;

/// <summary>An HTTP server on loopback that hands every request to one function.</summary>
public sealed class LoopbackServer : IDisposable
{
    private const long MaxBodyBytes = 256 * 1024 * 1024;

    private readonly WebApplication _application;

    /// <param name="handle">Handles a request.</param>
    /// <param name="port">The port; 0 for any free port.</param>
    /// <param name="configure">More settings of the listener, such as TLS.</param>
    public LoopbackServer(RequestDelegate handle, int port = 0, Action<ListenOptions>? configure = null)
    {
        // Use the empty builder: the default one watches a configuration file, and inotify instances are scarce.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MaxBodyBytes;
            options.Limits.MinRequestBodyDataRate = null;
            options.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                configure?.Invoke(listen);
            });
        });
        _application = builder.Build();
        _application.Run(handle);
    }

    /// <summary>The address that the server listens on.</summary>
    public Uri Address => new(_application.Urls.First());

    public Task StartAsync() => _application.StartAsync();

    /// <summary>Stops the server and cuts all connections immediately.</summary>
    public async Task StopAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
    }

    public void Dispose() => ((IDisposable)_application).Dispose();
}
