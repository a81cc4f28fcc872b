using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Shipper.Proxies;

/// <summary>
/// The hosts to reach without a proxy: <c>NO_PROXY</c>, read as Go programs read it, because the other components of a cluster are written in Go. Source:
/// golang.org/x/net, http/httpproxy.
/// <code>
/// list  = entry *(("," / blank) entry)
/// entry = "*" / address ["/" bits] / address ":" port / "[" IPv6 address "]" [":" port] / domain [":" port]
/// </code>
/// <c>example.com</c> stands for the domain and its subdomains, <c>.example.com</c> and <c>*.example.com</c> for its subdomains only. Invalid entries are
/// ignored.
/// </summary>
/// <remarks>Thread-safe. Unlike Go, it accepts blanks between entries and a dot at the end of a name.</remarks>
internal sealed class NoProxyList
{
    private static readonly IdnMapping Names = new();

    private readonly List<(IPNetwork Network, int? Port)> _networks = [];
    private readonly List<(string Suffix, bool IsSelf, int? Port)> _domains = [];
    private readonly bool _isAll;

    /// <param name="list">The variable's value.</param>
    public NoProxyList(string list)
    {
        foreach (string entry in list.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            _isAll |= entry == "*";
            Add(entry.ToLowerInvariant());
        }
    }

    /// <summary>True if a host is reached directly. Loopback addresses and <c>localhost</c> always are.</summary>
    public bool Contains(Uri target)
    {
        string host = target.IdnHost.ToLowerInvariant().TrimEnd('.');
        if (host == "localhost")
        {
            return true;
        }

        if (TryParseAddress(host, out IPAddress? address))
        {
            return IPAddress.IsLoopback(address) || _isAll || _networks.Exists(network => (network.Port ?? target.Port) == target.Port && network.Network.Contains(address));
        }

        return _isAll
            || _domains.Exists(domain => (domain.Port ?? target.Port) == target.Port
                && (host.EndsWith(domain.Suffix, StringComparison.Ordinal) || (domain.IsSelf && host.AsSpan().SequenceEqual(domain.Suffix.AsSpan(1)))));
    }

    private void Add(string entry)
    {
        int slash = entry.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && TryParseAddress(entry[..slash], out IPAddress? start)
            && int.TryParse(entry.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
            && ToNetwork(start, bits, isMapped: entry.Contains(':', StringComparison.Ordinal)) is { } network)
        {
            _networks.Add((network, null));
            return;
        }

        (string host, int? port, bool isValid) = SplitPort(entry);
        if (!isValid)
        {
            return;
        }

        if (TryParseAddress(host, out IPAddress? address))
        {
            _networks.Add((new IPNetwork(address, address.GetAddressBytes().Length * 8), port));
            return;
        }

        host = (host.StartsWith("*.", StringComparison.Ordinal) ? host[1..] : host).TrimEnd('.');
        if (host.Length == 0)
        {
            return;
        }

        bool isSelf = host[0] != '.';
        _domains.Add((ToAscii(isSelf ? "." + host : host), isSelf, port));
    }

    /// <summary>Returns the network of an address with the host bits cleared; null if the address has fewer bits than that.</summary>
    private static IPNetwork? ToNetwork(IPAddress address, int bits, bool isMapped)
    {
        byte[] bytes = address.GetAddressBytes();

        // ::ffff:10.0.0.0/104 is 10.0.0.0/8.
        bits -= isMapped && bytes.Length == 4 ? 96 : 0;
        if (bits < 0 || bits > bytes.Length * 8)
        {
            return null;
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(bits - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }

        return new IPNetwork(new IPAddress(bytes), bits);
    }

    private static (string Host, int? Port, bool IsValid) SplitPort(string entry)
    {
        if (entry.StartsWith('[') && entry.IndexOf(']', StringComparison.Ordinal) is > 1 and int end)
        {
            string rest = entry[(end + 1)..];
            return (entry[1..end], ParsePort(rest.Length > 0 ? rest[1..] : ""), (rest.Length == 0 || rest[0] == ':') && IsPort(rest.Length > 0 ? rest[1..] : ""));
        }

        int colon = entry.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || colon != entry.LastIndexOf(':')
            ? (entry, null, entry.Length > 0)
            : (entry[..colon], ParsePort(entry[(colon + 1)..]), colon > 0 && IsPort(entry[(colon + 1)..]));
    }

    /// <summary>True for a port number, and for an empty text, which stands for any port.</summary>
    private static bool IsPort(string text) => text.Length == 0 || ParsePort(text) is not null;

    private static int? ParsePort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : null;

    /// <summary>Parses an address in the usual notation only: .NET also accepts <c>10.1</c> and <c>0x0a.0.0.1</c>.</summary>
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        // A zone names an interface of this machine and is not part of the address.
        int zone = text.IndexOf('%', StringComparison.Ordinal);
        text = zone >= 0 ? text[..zone] : text;
        if (!IPAddress.TryParse(text.Trim('[', ']'), out address) || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text))
        {
            address = null;
            return false;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return true;
    }

    private static string ToAscii(string domain)
    {
        try
        {
            return Ascii.IsValid(domain) ? domain : "." + Names.GetAscii(domain[1..]);
        }
        catch (ArgumentException)
        {
            // The name can't be encoded, so it matches no host.
            return domain;
        }
    }
}
