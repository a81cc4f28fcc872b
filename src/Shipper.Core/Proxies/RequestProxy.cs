using System.Collections.Concurrent;
using System.Net;

namespace Shipper.Proxies;

/// <summary>Gives an HTTP client its proxies, with their credentials.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="find">Finds the proxy for a URL; null if it is asked directly.</param>
internal sealed class RequestProxy(Func<Uri, ProxyAddress?> find) : IWebProxy, ICredentials
{
    private readonly ConcurrentDictionary<Uri, NetworkCredential?> _credentials = [];

    /// <summary>Itself: the client keeps what it finds here when it is made.</summary>
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

    /// <summary>What the client answers a proxy's 407 with.</summary>
    public NetworkCredential? GetCredential(Uri uri, string authType) => _credentials.GetValueOrDefault(uri);

    /// <summary>
    /// Sends the credentials with the request. Without them an HTTP proxy refuses it when its body is on the way already, which then has to be sent again. In an
    /// HTTPS request the proxy would not see them: the client sends them when it asks for the tunnel.
    /// </summary>
    public void Authorize(HttpRequestMessage request)
    {
        if (request.RequestUri is { } target && target.Scheme == Uri.UriSchemeHttp && find(target) is { Address.Scheme: "http" or "https" } proxy)
        {
            request.Headers.ProxyAuthorization = proxy.Authorization;
        }
    }

    /// <summary>Says through which proxy a URL is asked, for the end of a message; empty if it is asked directly.</summary>
    public string Describe(Uri target) => find(target) is { } proxy ? $", through the proxy {proxy.Name}" : "";
}
