using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Shipper.Testing;

/// <summary>An HTTP server on loopback that hands every request to one function.</summary>
public sealed class MiniServer : IHttpApplication<HttpContext>, IDisposable
{
    private const long MaxBodyBytes = 256 * 1024 * 1024;

    private readonly KestrelServer _server;
    private readonly Func<HttpContext, Task> _handle;
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().BuildServiceProvider();

    /// <param name="handle">Answers a request.</param>
    /// <param name="port">The port; 0: any.</param>
    /// <param name="configure">More settings of the listener, such as TLS.</param>
    public MiniServer(Func<HttpContext, Task> handle, int port = 0, Action<ListenOptions>? configure = null)
    {
        _handle = handle;
        var options = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = _services };
        options.Limits.MaxRequestBodySize = MaxBodyBytes;
        options.Limits.MinRequestBodyDataRate = null;
        options.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            configure?.Invoke(listen);
        });
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    /// <summary>The address that is listened on.</summary>
    public Uri Address => new(_server.Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public Task StartAsync() => _server.StartAsync(this, CancellationToken.None);

    public async Task StopAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(HttpContext context) => _handle(context);

    public void Dispose()
    {
        _server.Dispose();
        _services.Dispose();
    }
}
