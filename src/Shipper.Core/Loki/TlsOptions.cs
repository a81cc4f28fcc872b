namespace Shipper.Loki;

/// <summary>TLS for connections to Loki: section <c>loki.tls</c> of the configuration. All files are PEM.</summary>
internal sealed class TlsOptions
{
    /// <summary>File with the certificates of the authorities to trust instead of the system's; if it is empty, those of the system are trusted.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>File with the client certificate; empty for none.</summary>
    public string CertFile { get; set; } = "";

    /// <summary>File with the private key of the client certificate.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Name that the server's certificate must have, if it differs from the URL's. It is also sent as the Host header.</summary>
    public string ServerName { get; set; } = "";

    /// <summary>Accept any certificate. Anyone on the network path can then read and forge the traffic.</summary>
    public bool InsecureSkipVerify { get; set; }
}
