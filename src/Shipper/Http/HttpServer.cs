using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shipper.Native;

namespace Shipper.Http;

/// <summary>
/// An HTTP server for a handful of paths. It uses Kestrel without the ASP.NET Core framework, which would take another 6 MB of
/// memory and add 2 MB to the executable.
/// </summary>
internal sealed class HttpServer : IHttpApplication<HttpContext>, IDisposable
{
    private const int MinConnections = 4;
    private const int MaxConnections = 64;
    private const int MaxHeaderBytes = 16 * 1024;

    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(5);

    private readonly KestrelServer _server;
    private readonly Func<HttpContext, Task> _handle;

    /// <param name="endpoint">Where to listen: an address, or the name localhost.</param>
    /// <param name="maxBodyBytes">Upper bound of a request body, in bytes.</param>
    /// <param name="handle">Answers a request.</param>
    public HttpServer(EndPoint endpoint, long maxBodyBytes, Func<HttpContext, Task> handle)
    {
        _handle = handle;
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = maxBodyBytes;

        // Clients of an open port must not exhaust the agent's memory or its file descriptors.
        int connections = Math.Clamp((int)OpenFileLimit.Reserved / 2, MinConnections, MaxConnections);
        options.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        options.Limits.MaxRequestLineSize = MaxHeaderBytes;
        options.Limits.MaxRequestBufferSize = MaxHeaderBytes;
        options.Limits.RequestHeadersTimeout = MaxSilence;
        options.Limits.KeepAliveTimeout = MaxSilence;
        Listen(options, endpoint);
        _server = new KestrelServer(Options.Create(options), new LimitedListenerFactory(connections), NullLoggerFactory.Instance);
    }

    /// <summary>The address that the server listens on. If port 0 was requested, it has the port that the kernel assigned.</summary>
    public Uri Address => new(_server.Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Starts to listen.</summary>
    /// <exception cref="IOException">The address is in use.</exception>
    public Task StartAsync(CancellationToken stopping) => _server.StartAsync(this, stopping);

    /// <summary>Stops listening and waits for the requests in progress.</summary>
    public Task StopAsync(CancellationToken stopping) => _server.StopAsync(stopping);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(HttpContext context) => _handle(context);

    public void Dispose() => _server.Dispose();

    /// <summary>
    /// Adds the sockets to listen on. For all addresses, this is one IPv6 socket that accepts IPv4 as well, or an IPv4 socket if the kernel has no IPv6. For
    /// localhost, these are 127.0.0.1 and [::1], or the one that exists.
    /// </summary>
    private static void Listen(KestrelServerOptions options, EndPoint endpoint)
    {
        switch (endpoint)
        {
            case DnsEndPoint localhost:
                options.ListenLocalhost(localhost.Port, UseHttp1);
                break;
            case IPEndPoint { Port: var port } any when any.Address.Equals(IPAddress.IPv6Any):
                options.ListenAnyIP(port, UseHttp1);
                break;
            default:
                options.Listen(endpoint, UseHttp1);
                break;
        }

        static void UseHttp1(ListenOptions listen) => listen.Protocols = HttpProtocols.Http1;
    }
}
