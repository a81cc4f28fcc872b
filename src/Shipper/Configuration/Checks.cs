using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Shipper.Agents;
using Shipper.Discovery;
using Shipper.Enrichment;
using Shipper.Kubernetes;
using Shipper.Loki;

namespace Shipper.Configuration;

/// <summary>
/// Checks of single values. Each says what must stand there instead, or for lists and mappings what is wrong; null if
/// nothing is.
/// </summary>
internal static class Checks
{
    private const int MaxTenantBytes = 150;

    /// <summary>PATH_MAX of Linux.</summary>
    private const int MaxPathBytes = 4096;

    private static readonly string[] OwnLabels = [.. new AgentOptions().BaseLabels.Keys, .. AttributeRules.OwnLabels, "unit", FileLocation.Label];

    private static readonly string[] OwnMetadata = ["stream", "truncated_bytes", "original_timestamp"];

    private static readonly string[] OwnHeaders = ["Transfer-Encoding", "Host", "Connection", "Expect", "Allow", "Expires", "Last-Modified"];

    public static string? LabelValue(string value) =>
        Encoding.UTF8.GetByteCount(value) > StreamLabels.MaxValueBytes
            ? string.Create(CultureInfo.InvariantCulture, $"a label value of at most {StreamLabels.MaxValueBytes} bytes")
            : null;

    public static string? RequiredLabelValue(string value) => value.Length == 0 ? "a label value that is not empty" : LabelValue(value);

    public static string? StaticLabel(string name, string value) =>
        LabelName(name) ?? (LabelValue(value) is { } problem ? $"must be {problem}" : null);

    public static string? PodLabel(string name, string source) => LabelName(name) ?? Fact(source);

    public static string? PodMetadata(string name, string source) =>
        OwnLabels.Contains(name) || OwnMetadata.Contains(name) ? "is a name that the agent uses itself; choose another one"
        : StreamLabels.IsValidName(name) ? Fact(source) : "no name for structured metadata: letters, digits and _ only, not beginning with a digit or __";

    /// <summary>Refuses line breaks and control characters, which are an accident in any value.</summary>
    public static string? OneLine(string text) => text.Any(c => (char.IsControl(c) && c != '\t') || c is '\u2028' or '\u2029') ? "one line without control characters" : null;

    public static string? Glob(string pattern) =>
        pattern.StartsWith('~') ? "begins with ~, which nothing expands here; write the whole path"
        : !pattern.StartsWith('/') || pattern.EndsWith('/') ? "must be an absolute path of files, as in /var/log/containers/*.log"
        : pattern.AsSpan().ContainsAny("[]{}") ? "has one of [ ] { }, which mean nothing here: a glob knows *, ? and **; write a pattern for each alternative"
        : pattern.Length > MaxPathBytes ? "is longer than any path"
        : null;

    /// <summary>Globs of units. Source: systemd.unit(5).</summary>
    public static string? UnitGlob(string pattern) =>
        pattern.Length > 0 && pattern.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '\\' or '@' or '*' or '?')
            ? null
            : "can't match a unit, whose name has letters, digits and : - _ . \\ @ only; a glob knows * and ?, as in kubelet*";

    public static string? NamespaceGlob(string pattern) =>
        pattern.Length > 0 && pattern.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '*' or '?')
            ? null
            : "can't match a namespace, whose name has lower-case letters, digits and - only; a glob knows * and ?, as in team-*";

    public static string? StateDirectory(string path) => path.StartsWith('/') ? null : "an absolute path";

    public static string? JournalDirectory(string path) => path.StartsWith('/') ? null : "must be an absolute path, as in /var/log/journal";

    /// <summary>A file that a key names; empty: none.</summary>
    public static string? FilePath(string path) => path.StartsWith('~') ? "a path without ~, which nothing expands here" : null;

    /// <summary>Source: RFC 7617, section 2.</summary>
    public static string? Username(string name) => name.Contains(':', StringComparison.Ordinal) ? "a user name without a colon" : null;

    public static string? Tenant(string tenant)
    {
        // Source: grafana/dskit, tenant/tenant.go; Loki refuses others with 400.
        const string Special = "!-_.*'()";
        return tenant.Length <= MaxTenantBytes && tenant is not ("." or "..") && tenant.All(c => char.IsAsciiLetterOrDigit(c) || Special.Contains(c, StringComparison.Ordinal))
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"a tenant of at most {MaxTenantBytes} letters, digits and {Special}");
    }

    public static string? Header(string name, string value)
    {
        const string Special = "!#$%&'*+-.^_`|~";
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || Special.Contains(c, StringComparison.Ordinal)))
        {
            return "no name of an HTTP header";
        }

        return OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
            ? "is set by the agent, or makes no sense in a push; remove it"
            : value.Any(c => c is not ('\t' or (>= ' ' and <= '~'))) ? "a header is one line of ASCII characters"
            : LokiOptions.IsTenantHeader(name) && Tenant(value) is { } tenant ? $"must be {tenant}"
            : null;
    }

    public static string? Listen(string address) => TryParseListen(address, out _)
        ? null
        : "an address and a port, as in \":2020\" (all addresses), \"127.0.0.1:2020\" or \"[::1]:2020\"";

    /// <summary>Reads <c>ADDRESS:PORT</c>; <c>:PORT</c> is all addresses, and the only name is <c>localhost</c>.</summary>
    public static bool TryParseListen(string text, [NotNullWhen(true)] out EndPoint? endpoint)
    {
        const string Localhost = "localhost";
        endpoint = null;
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            return false;
        }

        string host = text[..colon];
        endpoint = host.Length == 0 ? new IPEndPoint(IPAddress.IPv6Any, port)
            : host.Equals(Localhost, StringComparison.OrdinalIgnoreCase) ? new DnsEndPoint(Localhost, port)
            : IPAddress.TryParse(host, out IPAddress? address) && (address.AddressFamily == AddressFamily.InterNetworkV6 ? host.StartsWith('[') : host == address.ToString()) ? new IPEndPoint(address, port)
            : null;
        return endpoint is not null;
    }

    private static string? LabelName(string name) =>
        OwnLabels.Contains(name) ? "is a label that the agent sets itself; choose another name"
        : StreamLabels.IsValidName(name) ? null
        : "no name for a label: letters, digits and _ only, not beginning with a digit or __";

    private static string? Fact(string source) =>
        PodFact.TryParse(source, out _) ? null : $"\"{source}\" is no source; known are {PodFact.Forms}";
}
