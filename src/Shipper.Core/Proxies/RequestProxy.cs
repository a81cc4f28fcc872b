using System.Collections.Concurrent;
using System.Net;

namespace Shipper.Proxies;

/// <summary>Gives an HTTP client its proxies, with their credentials.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="find">Finds the proxy for a URL; null if the connection is direct.</param>
internal sealed class RequestProxy(Func<Uri, ProxyAddress?> find) : IWebProxy, ICredentials
{
    private readonly ConcurrentDictionary<Uri, NetworkCredential?> _credentials = [];

    /// <summary>This object: the HTTP client reads the property only once, when it is created.</summary>
    public ICredentials? Credentials
    {
        get => this;
        set => throw new NotSupportedException("They are those of the proxy's address");
    }

    public Uri? GetProxy(Uri destination)
    {
        ProxyAddress? proxy = find(destination);
        if (proxy is not null)
        {
            _credentials[proxy.Address] = proxy.Credential;
        }

        return proxy?.Address;
    }

    public bool IsBypassed(Uri host) => find(host) is null;

    /// <summary>The credentials with which the client answers a proxy's 407.</summary>
    public NetworkCredential? GetCredential(Uri uri, string authType) => _credentials.GetValueOrDefault(uri);

    /// <summary>
    /// Adds the proxy's credentials to an HTTP request. Without them the proxy refuses it while the body is already under way, and the body has to be sent again.
    /// For HTTPS the client itself sends them when it asks the proxy for the tunnel.
    /// </summary>
    public void Authorize(HttpRequestMessage request)
    {
        if (request.RequestUri is { } target && target.Scheme == Uri.UriSchemeHttp && find(target) is { Address.Scheme: "http" or "https" } proxy)
        {
            request.Headers.ProxyAuthorization = proxy.Authorization;
        }
    }

    /// <summary>Names the proxy for a URL, for the end of a message; empty if the connection is direct.</summary>
    public string Describe(Uri target) => find(target) is { } proxy ? $", through the proxy {proxy.Name}" : "";
}
