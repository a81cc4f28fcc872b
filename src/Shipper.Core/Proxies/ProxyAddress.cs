using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Shipper.Proxies;

/// <summary>The address of a proxy, and its credentials.</summary>
internal sealed class ProxyAddress
{
    private const int SocksPort = 1080;

    // With socks5h the proxy resolves host names. .NET's socks5 also leaves this to the proxy.
    private static readonly Dictionary<string, string> Schemes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["http"] = "http",
        ["https"] = "https",
        ["socks4"] = "socks4",
        ["socks4a"] = "socks4a",
        ["socks5"] = "socks5",
        ["socks5h"] = "socks5",
    };

    private ProxyAddress(string key, Uri address, string user, string password)
    {
        Address = address;
        Name = $"{address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)} ({key})";
        if (user.Length > 0 || password.Length > 0)
        {
            Credential = new NetworkCredential(user, password);
            Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }
    }

    /// <summary>The address, without user name and password.</summary>
    public Uri Address { get; }

    /// <summary>The address and the variable or key that sets it, for messages.</summary>
    public string Name { get; }

    /// <summary>User name and password; null if there are none.</summary>
    public NetworkCredential? Credential { get; }

    /// <summary>The credentials as a header for an HTTP proxy; null if there are none.</summary>
    public AuthenticationHeaderValue? Authorization { get; }

    /// <summary>Parses an address: a URL, or <c>HOST</c> or <c>HOST:PORT</c> of an HTTP proxy.</summary>
    /// <param name="key">The variable or configuration key that sets it, for messages.</param>
    /// <param name="text">The address. Its user name and password are percent-encoded.</param>
    /// <param name="problem">What is wrong with the address, without anything that may be secret; null if it is valid.</param>
    /// <returns>Null if the text is not the address of a proxy.</returns>
    public static ProxyAddress? Read(string key, string text, out string? problem)
    {
        text = text.Trim();
        int schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        string scheme = schemeEnd < 0 ? "http" : text[..schemeEnd];
        string rest = schemeEnd < 0 ? text : text[(schemeEnd + 3)..];
        if (!Schemes.TryGetValue(scheme, out string? known))
        {
            problem = $"{key} has the scheme '{scheme}', which is not supported for proxies; use http://, https:// or socks5://";
            return null;
        }

        // Split at the last @, because a password may contain one.
        string authority = rest.IndexOfAny(['/', '?', '#']) is >= 0 and int end ? rest[..end] : rest;
        int at = authority.LastIndexOf('@');
        string user = at < 0 ? "" : authority[..at];
        string host = authority[(at + 1)..];
        if (host.Length == 0 || host[^1] == ':' || rest.LastIndexOf('@') > authority.Length
            || !Uri.TryCreate($"{known}://{host}", UriKind.Absolute, out Uri? address) || address.Host.Length == 0 || address.UserInfo.Length > 0)
        {
            problem = $"{key} is not a proxy address; use http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, and percent-encode special characters in the password (%2F for /)";
            return null;
        }

        problem = null;
        int colon = user.IndexOf(':', StringComparison.Ordinal);
        address = address.Port < 0 ? new UriBuilder(address) { Port = SocksPort }.Uri : address;
        return new ProxyAddress(key, address, Uri.UnescapeDataString(colon < 0 ? user : user[..colon]), colon < 0 ? "" : Uri.UnescapeDataString(user[(colon + 1)..]));
    }
}
