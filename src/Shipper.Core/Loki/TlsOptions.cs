namespace Shipper.Loki;

/// <summary>TLS towards Loki: section <c>loki.tls</c> of the configuration. All files are PEM.</summary>
internal sealed class TlsOptions
{
    /// <summary>Certificates of the authorities to trust instead of the system's; empty: the system's.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Client certificate; empty: none.</summary>
    public string CertFile { get; set; } = "";

    /// <summary>Private key of the client certificate.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Name that the server's certificate must have, where it is not the URL's. Also sent as Host.</summary>
    public string ServerName { get; set; } = "";

    /// <summary>Accept any certificate. Then anyone on the way can read and forge.</summary>
    public bool InsecureSkipVerify { get; set; }
}
