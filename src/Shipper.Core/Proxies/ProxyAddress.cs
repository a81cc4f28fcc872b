using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Shipper.Proxies;

/// <summary>A proxy: its address and the credentials for it.</summary>
internal sealed class ProxyAddress
{
    private const int SocksPort = 1080;

    // With socks5h the proxy resolves names, and .NET's socks5 does so as well.
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

    /// <summary>The address, without user and password.</summary>
    public Uri Address { get; }

    /// <summary>The address and where it was set, for messages.</summary>
    public string Name { get; }

    /// <summary>User and password; null if there are none.</summary>
    public NetworkCredential? Credential { get; }

    /// <summary>The same as a header for an HTTP proxy.</summary>
    public AuthenticationHeaderValue? Authorization { get; }

    /// <summary>Reads an address: a URL, or <c>HOST</c> or <c>HOST:PORT</c> of an HTTP proxy.</summary>
    /// <param name="key">Where it was set: a variable or a key, for messages.</param>
    /// <param name="text">The address. User and password in it are percent-encoded.</param>
    /// <param name="problem">What is wrong with it, without anything that may be secret.</param>
    /// <returns>Null if the text is not a proxy's address.</returns>
    public static ProxyAddress? Read(string key, string text, out string? problem)
    {
        text = text.Trim();
        int schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        string scheme = schemeEnd < 0 ? "http" : text[..schemeEnd];
        string rest = schemeEnd < 0 ? text : text[(schemeEnd + 3)..];
        if (!Schemes.TryGetValue(scheme, out string? known))
        {
            problem = $"{key} has the scheme '{scheme}', which no proxy has; use http://, https:// or socks5://";
            return null;
        }

        // The last @: a password may contain one.
        string authority = rest.IndexOfAny(['/', '?', '#']) is >= 0 and int end ? rest[..end] : rest;
        int at = authority.LastIndexOf('@');
        string user = at < 0 ? "" : authority[..at];
        string host = authority[(at + 1)..];
        if (host.Length == 0 || host[^1] == ':' || rest.LastIndexOf('@') > authority.Length
            || !Uri.TryCreate($"{known}://{host}", UriKind.Absolute, out Uri? address) || address.Host.Length == 0 || address.UserInfo.Length > 0)
        {
            problem = $"{key} is no address of a proxy; write it as in http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with %2F for / and the like in the password";
            return null;
        }

        problem = null;
        int colon = user.IndexOf(':', StringComparison.Ordinal);
        address = address.Port < 0 ? new UriBuilder(address) { Port = SocksPort }.Uri : address;
        return new ProxyAddress(key, address, Uri.UnescapeDataString(colon < 0 ? user : user[..colon]), colon < 0 ? "" : Uri.UnescapeDataString(user[(colon + 1)..]));
    }
}
