namespace Shipper.Loki;

/// <summary>The Loki that everything is sent to: section <c>loki</c> of the configuration.</summary>
internal sealed class LokiOptions
{
    /// <summary>The path that is added to a URL without one.</summary>
    public const string PushPath = "/loki/api/v1/push";

    /// <summary>The path that is asked.</summary>
    public const string QueryPath = "/loki/api/v1/query_range";

    /// <summary>The header that names the tenant.</summary>
    public const string TenantHeader = "X-Scope-OrgID";

    /// <summary>Address of Loki; with a path it is taken as it is.</summary>
    public Uri Url { get; set; } = new("http://loki:3100");

    /// <summary>Sent as <see cref="TenantHeader"/>; empty: the header is left out.</summary>
    public string Tenant { get; set; } = "";

    /// <summary>More request headers.</summary>
    public Dictionary<string, string> Headers { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    public BasicAuthOptions BasicAuth { get; set; } = new();

    /// <summary>File with a bearer token, read again for each push; empty: none.</summary>
    public string BearerTokenFile { get; set; } = "";

    public TlsOptions Tls { get; set; } = new();

    public BatchOptions Batch { get; set; } = new();

    /// <summary>The longest that one request may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    public RetryOptions Retry { get; set; } = new();

    /// <summary>After a lost answer, ask Loki what arrived before sending again.</summary>
    public bool ConfirmResends { get; set; } = true;

    /// <summary>Whether records are sent with structured metadata.</summary>
    public StructuredMetadata StructuredMetadata { get; set; }

    /// <summary>The address that is asked, beside the one that is pushed to; null where that tells none.</summary>
    public Uri? QueryUrl => PushUrl.AbsolutePath.EndsWith(PushPath, StringComparison.Ordinal)
        ? new UriBuilder(PushUrl) { Path = PushUrl.AbsolutePath[..^PushPath.Length] + QueryPath, Query = "" }.Uri
        : null;

    /// <summary>Tells whether a header names the tenant.</summary>
    public static bool IsTenantHeader(string name) => name.Equals(TenantHeader, StringComparison.OrdinalIgnoreCase);

    /// <summary>The address that is pushed to.</summary>
    public Uri PushUrl => Url.AbsolutePath is "" or "/" ? new Uri(Url, PushPath) : Url;
}
