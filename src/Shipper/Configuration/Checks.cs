using System.Globalization;
using System.Net;
using System.Text;
using Shipper.Batching;

namespace Shipper.Configuration;

/// <summary>
/// Checks of single values. Each says what must stand there instead, or for lists and mappings what is wrong; null where
/// nothing is.
/// </summary>
internal static class Checks
{
    private const int MaxTenantBytes = 150;

    private static readonly string[] OwnLabels = ["cluster", "environment", "namespace", "pod", "container", "node", "unit", "filename"];

    private static readonly string[] OwnMetadata = ["stream", "truncated_bytes", "original_timestamp"];

    private static readonly string[] OwnHeaders = ["Transfer-Encoding", "Host", "Connection", "Expect", "Allow", "Expires", "Last-Modified"];

    private static readonly string[] FactSources = ["owner.kind", "owner.name", "podUid", "containerId", "image", "podIP"];

    private static readonly string[] FactPrefixes = ["label:", "annotation:", "namespaceLabel:", "nodeLabel:"];

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

    public static string? Glob(string pattern) =>
        !pattern.StartsWith('/') || pattern.EndsWith('/') ? "must be an absolute path of files, as in /var/log/containers/*.log"
        : pattern.AsSpan().ContainsAny("[]{}") ? "has one of [ ] { }, which mean nothing here: a glob knows *, ? and **; write a pattern for each alternative"
        : null;

    public static string? AbsolutePath(string path) => path.StartsWith('/') ? null : "an absolute path";

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
            : null;
    }

    public static string? Listen(string address) => TryParseListen(address, out _) ? null : "an address and a port such as 0.0.0.0:2020 or [::]:2020";

    /// <summary>Reads <c>ADDRESS:PORT</c>; <c>:PORT</c> and <c>localhost:PORT</c> are known too.</summary>
    public static bool TryParseListen(string text, out IPEndPoint endpoint)
    {
        string address = text.StartsWith(':') ? "0.0.0.0" + text
            : text.StartsWith("localhost:", StringComparison.Ordinal) ? "127.0.0.1" + text["localhost".Length..]
            : text;
        return IPEndPoint.TryParse(address, out endpoint!) && address.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{endpoint.Port}"), StringComparison.Ordinal);
    }

    private static string? LabelName(string name) =>
        OwnLabels.Contains(name) ? "is a label that the agent sets itself; choose another name"
        : StreamLabels.IsValidName(name) ? null
        : "no name for a label: letters, digits and _ only, not beginning with a digit or __";

    private static string? Fact(string source) =>
        FactSources.Contains(source) || FactPrefixes.Any(prefix => source.StartsWith(prefix, StringComparison.Ordinal) && source.Length > prefix.Length)
            ? null
            : $"\"{source}\" is no source; known are {string.Join(", ", FactPrefixes.Select(prefix => prefix + "KEY"))}, {string.Join(", ", FactSources)}";
}
