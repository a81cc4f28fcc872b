using System.Collections.Concurrent;
using System.Net;

namespace Shipper.Proxies;

/// <summary>Provides an HTTP client with its proxies and their credentials.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="find">Returns the proxy for a URL; null if the connection is direct.</param>
internal sealed class RequestProxy(Func<Uri, ProxyAddress?> find) : IWebProxy, ICredentials
{
    private readonly ConcurrentDictionary<Uri, NetworkCredential?> _credentials = [];

    /// <summary>This object itself, because the HTTP client reads the property only once, when it is created.</summary>
    public ICredentials? Credentials
    {
        get => this;
        set => throw new NotSupportedException("The credentials come from the proxy's address");
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

    /// <summary>Returns the credentials that the client sends after a proxy's 407 response.</summary>
    public NetworkCredential? GetCredential(Uri uri, string authType) => _credentials.GetValueOrDefault(uri);

    /// <summary>
    /// Adds the proxy's credentials to an HTTP request. Without them the proxy refuses the request while its body is already being sent, and the body must be
    /// sent again. For HTTPS the client sends the credentials itself when it asks the proxy for the tunnel.
    /// </summary>
    public void Authorize(HttpRequestMessage request)
    {
        if (request.RequestUri is { } target && target.Scheme == Uri.UriSchemeHttp && find(target) is { Address.Scheme: "http" or "https" } proxy)
        {
            request.Headers.ProxyAuthorization = proxy.Authorization;
        }
    }

    /// <summary>Returns a clause that names the proxy for a URL, to be appended to a message; empty if the connection is direct.</summary>
    public string Describe(Uri target) => find(target) is { } proxy ? $", through the proxy {proxy.Name}" : "";
}
