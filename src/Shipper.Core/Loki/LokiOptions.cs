namespace Shipper.Loki;

/// <summary>The Loki that the agent sends to: section <c>loki</c> of the configuration.</summary>
internal sealed class LokiOptions
{
    /// <summary>The path that is added to a URL without one.</summary>
    public const string PushPath = "/loki/api/v1/push";

    /// <summary>The path for queries.</summary>
    public const string QueryPath = "/loki/api/v1/query_range";

    /// <summary>The header that names the tenant.</summary>
    public const string TenantHeader = "X-Scope-OrgID";

    /// <summary>Address of Loki. If it has a path, it is used unchanged.</summary>
    public Uri Url { get; set; } = new("http://loki:3100");

    /// <summary>The tenant, sent as <see cref="TenantHeader"/>; if it is empty, the header is left out.</summary>
    public string Tenant { get; set; } = "";

    /// <summary>Additional request headers.</summary>
    public Dictionary<string, string> Headers { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    public BasicAuthOptions BasicAuth { get; set; } = new();

    /// <summary>File with a bearer token, read again for each push; empty for none.</summary>
    public string BearerTokenFile { get; set; } = "";

    public TlsOptions Tls { get; set; } = new();

    public BatchOptions Batch { get; set; } = new();

    /// <summary>Maximum duration of one request.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    public RetryOptions Retry { get; set; } = new();

    /// <summary>After a lost response, ask Loki which records arrived before sending again.</summary>
    public bool ConfirmResends { get; set; } = true;

    /// <summary>Whether records are sent with structured metadata.</summary>
    public StructuredMetadata StructuredMetadata { get; set; }

    /// <summary>The address for queries, derived from the one for pushes; null if that does not end in <see cref="PushPath"/>.</summary>
    public Uri? QueryUrl => PushUrl.AbsolutePath.EndsWith(PushPath, StringComparison.Ordinal)
        ? new UriBuilder(PushUrl) { Path = PushUrl.AbsolutePath[..^PushPath.Length] + QueryPath, Query = "" }.Uri
        : null;

    /// <summary>True if a header names the tenant.</summary>
    public static bool IsTenantHeader(string name) => name.Equals(TenantHeader, StringComparison.OrdinalIgnoreCase);

    /// <summary>The address for pushes.</summary>
    public Uri PushUrl => Url.AbsolutePath is "" or "/" ? new Uri(Url, PushPath) : Url;
}
