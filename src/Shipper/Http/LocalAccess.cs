using System.Net;
using Microsoft.AspNetCore.Http;

namespace Shipper.Http;

/// <summary>Decides who may see the status page and <c>/api/</c>, which show file names and the content of logs: only the same machine.</summary>
internal static class LocalAccess
{
    /// <summary>Returns why a client may not see them; null if it may.</summary>
    public static string? FindRefusal(HttpContext context) =>
        !IsLoopback(context) ? "The status page and /api/ answer only clients on the same machine. Use kubectl port-forward.\n"
        : !IsLocalName(context.Request.Host.Host) ? "The status page and /api/ answer only requests for localhost, 127.0.0.1 or [::1], so that no page of another site can read them. Use http://localhost:PORT/.\n"
        : context.Request.Headers["Sec-Fetch-Site"] == "cross-site" && context.Request.Headers["Sec-Fetch-Mode"] != "navigate" ? "The status page and /api/ don't answer pages of other sites.\n"
        : null;

    /// <summary>
    /// Returns true for a client on the same machine. A dual-stack socket shows IPv4 clients as mapped addresses, and of these .NET treats only
    /// ::ffff:127.0.0.1 as loopback.
    /// </summary>
    private static bool IsLoopback(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>
    /// Returns true for the names of this machine's loopback. Any other name may be one that an attacker's DNS server resolves to 127.0.0.1, so that a browser
    /// takes our page for the attacker's. A client without a name is no browser.
    /// </summary>
    private static bool IsLocalName(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
