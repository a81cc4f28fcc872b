using System.Net;
using System.Net.Sockets;
using Shipper.Proxies;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Api;

/// <summary>Sends requests to the API server.</summary>
/// <remarks>Thread-safe: all watchers share one client.</remarks>
internal sealed class ApiClient : IDisposable
{
    /// <summary>Maximum age of a connection. New connections use renewed certificates, and spread the agents over the API servers again.</summary>
    private static readonly TimeSpan MaxConnectionAge = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly ApiAccess _access;
    private readonly ApiTls _tls = new();
    private readonly ExecCredentialCache _exec;
    private readonly EnvironmentProxies _proxies;
    private readonly RequestProxy _proxy;
    private readonly HttpClient _http;
    private volatile ApiEndpoint? _endpoint;

    /// <param name="access">Finds the API server and the credentials for it.</param>
    /// <param name="proxies">The proxies that the environment names; null to use this process's environment.</param>
    /// <param name="time">The clock for the expiry of credentials; null to use the system's clock.</param>
    public ApiClient(ApiAccess access, EnvironmentProxies? proxies = null, TimeProvider? time = null)
    {
        _access = access;
        _exec = new ExecCredentialCache(time ?? TimeProvider.System);
        _proxies = proxies ?? EnvironmentProxies.Current;
        _proxy = new RequestProxy(FindProxy);
        var handler = new SocketsHttpHandler
        {
            Proxy = _proxy,
            SslOptions = _tls.CreateOptions(),
            PooledConnectionLifetime = MaxConnectionAge,
            ConnectTimeout = ConnectTimeout,
            ConnectCallback = ConnectAsync,
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Address of the last request, for messages.</summary>
    public string Server { get; private set; } = "";

    /// <summary>The proxy of the last request, to append to a message; empty if there was none.</summary>
    public string ProxySuffix => _endpoint is { } endpoint ? _proxy.Describe(endpoint.Server) : "";

    /// <summary>Origin of the credentials of the last request, for messages.</summary>
    public string CredentialsOrigin { get; private set; } = "";

    /// <summary>Reason why the server's certificate was last refused; null if it was not.</summary>
    public string? CertificateRefusal => _tls.CertificateRefusal;

    /// <summary>Sends a GET request and returns the response as soon as its headers have arrived.</summary>
    /// <param name="pathAndQuery">Path and query of the request.</param>
    /// <param name="accept">The media type.</param>
    /// <param name="stopping">Cancels the request.</param>
    /// <exception cref="ApiAccessException">The address or the credentials can't be read.</exception>
    /// <exception cref="HttpRequestException">There was no response.</exception>
    public async Task<HttpResponseMessage> GetAsync(string pathAndQuery, string accept, CancellationToken stopping)
    {
        ApiEndpoint endpoint = ReadEndpoint();
        ExecCredential? credential = endpoint.Exec is { } command ? await _exec.GetAsync(command, stopping) : null;
        endpoint = credential is null ? endpoint : endpoint.WithCredential(credential);
        _tls.UseCertificatesOf(endpoint);

        // The server in a kubeconfig may have a path, for example if it is a proxy.
        var url = new Uri(endpoint.Server.AbsoluteUri.TrimEnd('/') + pathAndQuery);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("User-Agent", $"shipper/{BuildInfo.Version}");
        request.Headers.Authorization = endpoint.Authorization;

        // The handler takes the server name for TLS (SNI, and the check of the certificate) from the Host header.
        if (endpoint.ServerName.Length > 0)
        {
            request.Headers.Host = endpoint.ServerName;
        }

        _proxy.Authorize(request);
        HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
        if (response.StatusCode == HttpStatusCode.Unauthorized && credential is not null)
        {
            // The next request runs the command again.
            _exec.Invalidate(credential);
        }

        return response;
    }

    public void Dispose()
    {
        _http.Dispose();
        _exec.Dispose();
    }

    private ApiEndpoint ReadEndpoint()
    {
        lock (_lock)
        {
            ApiEndpoint endpoint = _access.ReadEndpoint();
            if (!_access.IsDirect && endpoint.Proxy is null && _proxies.FindProblem(endpoint.Server) is { } problem)
            {
                throw new ApiAccessException(problem);
            }

            _endpoint = endpoint;
            Server = endpoint.Server.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
            CredentialsOrigin = endpoint.CredentialsOrigin;
            return endpoint;
        }
    }

    private ProxyAddress? FindProxy(Uri server) => _access.IsDirect ? null : _endpoint?.Proxy ?? _proxies.Find(server);

    /// <summary>
    /// Connects with TCP keep-alive. A watch is silent for up to a minute at a time: if the server has vanished or a firewall has dropped the
    /// connection, the agent would otherwise not notice for minutes.
    /// </summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stopping)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, stopping);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
