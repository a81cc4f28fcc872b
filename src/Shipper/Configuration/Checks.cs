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
/// Checks single values. A check returns what is expected instead of the value; for items of lists and mappings it returns
/// what is wrong. It returns null if the value is valid.
/// </summary>
internal static class Checks
{
    private const int MaxTenantBytes = 150;

    /// <summary>Linux's PATH_MAX.</summary>
    private const int MaxPathBytes = 4096;

    private static readonly string[] OwnLabels = [.. new AgentOptions().BaseLabels.Keys, .. AttributeBuilder.IdentityLabels, "unit", FileLocation.Label];

    private static readonly string[] OwnMetadata = ["stream", "truncated_bytes", "original_timestamp", "detected_level", "trace_id", "span_id", "lost_bytes", "lost_reason"];

    private static readonly string[] OwnHeaders = ["Transfer-Encoding", "Host", "Connection", "Expect", "Allow", "Expires", "Last-Modified"];

    public static string? LabelValue(string value) =>
        Encoding.UTF8.GetByteCount(value) > StreamLabels.MaxValueBytes
            ? string.Create(CultureInfo.InvariantCulture, $"a label value of at most {StreamLabels.MaxValueBytes} bytes")
            : null;

    public static string? RequiredLabelValue(string value) => value.Length == 0 ? "a non-empty label value" : LabelValue(value);

    public static string? StaticLabel(string name, string value) =>
        LabelName(name) ?? (LabelValue(value) is { } problem ? $"must be {problem}" : null);

    public static string? PodLabel(string name, string source) => LabelName(name) ?? Fact(source);

    public static string? PodMetadata(string name, string source) => MetadataName(name) ?? Fact(source);

    public static string? MetadataName(string name) =>
        OwnLabels.Contains(name) || OwnMetadata.Contains(name) ? "the agent uses this name itself; choose another name"
        : StreamLabels.IsValidName(name) ? null
        : "not a valid name for structured metadata; use letters, digits and _ only, and don't begin with a digit or __";

    /// <summary>Refuses line breaks and control characters: in any value they are an accident.</summary>
    public static string? OneLine(string text) => text.Any(c => (char.IsControl(c) && c != '\t') || c is '\u2028' or '\u2029') ? "one line without control characters" : null;

    public static string? Glob(string pattern) =>
        pattern.StartsWith('~') ? "begins with ~, which the agent does not expand; write the full path"
        : !pattern.StartsWith('/') || pattern.EndsWith('/') ? "must be an absolute path of files, such as /var/log/containers/*.log"
        : pattern.AsSpan().ContainsAny("[]{}") ? "has one of [ ] { }, which have no meaning in these globs; use *, ? and **, and write one glob for each alternative"
        : pattern.Length > MaxPathBytes ? "is longer than any path can be"
        : null;

    /// <summary>Checks a glob of unit names. Source: systemd.unit(5).</summary>
    public static string? UnitGlob(string pattern) =>
        pattern.Length > 0 && pattern.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '\\' or '@' or '*' or '?')
            ? null
            : "can't match a unit: a unit name has only letters, digits and : - _ . \\ @; the wildcards are * and ?, as in kubelet*";

    public static string? NamespaceGlob(string pattern) =>
        pattern.Length > 0 && pattern.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '*' or '?')
            ? null
            : "can't match a namespace: a namespace name has only lower-case letters, digits and -; the wildcards are * and ?, as in team-*";

    public static string? StateDirectory(string path) => path.StartsWith('/') ? null : "an absolute path";

    public static string? JournalDirectory(string path) => path.StartsWith('/') ? null : "must be an absolute path, such as /var/log/journal";

    /// <summary>Checks the path of a file that a key names. An empty path means no file.</summary>
    public static string? FilePath(string path) => path.StartsWith('~') ? "a path without ~, which the agent does not expand" : null;

    /// <summary>Source: RFC 7617, section 2.</summary>
    public static string? Username(string name) => name.Contains(':', StringComparison.Ordinal) ? "a user name without a colon" : null;

    public static string? Tenant(string tenant)
    {
        // Source: grafana/dskit, tenant/tenant.go. Loki answers 400 to any other tenant.
        const string Special = "!-_.*'()";
        return tenant.Length <= MaxTenantBytes && tenant is not ("." or "..") && tenant.All(c => char.IsAsciiLetterOrDigit(c) || Special.Contains(c, StringComparison.Ordinal))
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"a tenant of at most {MaxTenantBytes} letters, digits and {Special}");
    }

    public static string? HttpHeader(string name, string value)
    {
        const string Special = "!#$%&'*+-.^_`|~";
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || Special.Contains(c, StringComparison.Ordinal)))
        {
            return "not a valid name of an HTTP header";
        }

        return OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
            ? "the agent sets this header itself, or it makes no sense in a push; remove it"
            : value.Any(c => c is not ('\t' or (>= ' ' and <= '~'))) ? "must be one line of ASCII characters"
            : LokiOptions.IsTenantHeader(name) && Tenant(value) is { } tenant ? $"must be {tenant}"
            : null;
    }

    /// <summary>Checks the address of Grafana. An empty one means that there is none.</summary>
    public static string? GrafanaAddress(string address) =>
        address.Length == 0 || (Uri.TryCreate(address, UriKind.Absolute, out Uri? url) && url is { Scheme: "http" or "https", Host.Length: > 0, UserInfo: "", Query: "", Fragment: "" })
            ? null
            : "an address such as https://grafana.example.com, without credentials, ? and #";

    public static string? Listen(string address) => TryParseListen(address, out _)
        ? null
        : "an address and a port, such as \":2020\" (all addresses), \"127.0.0.1:2020\" or \"[::1]:2020\"";

    /// <summary>Parses <c>ADDRESS:PORT</c>. <c>:PORT</c> means all addresses; the only host name allowed is <c>localhost</c>.</summary>
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
        OwnLabels.Contains(name) ? "the agent sets this label itself; choose another name"
        : StreamLabels.IsValidName(name) ? null
        : "not a valid label name; use letters, digits and _ only, and don't begin with a digit or __";

    private static string? Fact(string source) =>
        PodFact.TryParse(source, out _) ? null : $"\"{source}\" is not a known source; use one of {PodFact.ValidForms}";
}
