using System.Net.Http.Headers;
using Shipper.Proxies;

namespace Shipper.Kubernetes.Api;

/// <summary>Address of the API server and the credentials for it, with the current contents of all files.</summary>
internal sealed record ApiEndpoint(Uri Server)
{
    /// <summary>The Authorization header; null if there is none.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>Certificate authorities in PEM; empty to use those of the system.</summary>
    public string AuthoritiesPem { get; init; } = "";

    /// <summary>Client certificate in PEM; empty if there is none.</summary>
    public string CertificatePem { get; init; } = "";

    /// <summary>Key of the client certificate, in PEM.</summary>
    public string KeyPem { get; init; } = "";

    /// <summary>True to accept any certificate of the server.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>The name that the server's certificate must have; empty for the host of <see cref="Server"/>.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>The proxy in the kubeconfig. If it is null, the proxy of the environment is used, if there is one.</summary>
    public ProxyAddress? Proxy { get; init; }

    /// <summary>The command that prints the credentials; null if none is needed or configured.</summary>
    public ExecCommand? Exec { get; init; }

    /// <summary>Origin of the credentials, for messages.</summary>
    public string CredentialsOrigin { get; init; } = "no credentials";

    /// <summary>Returns a copy with the credentials that a command printed.</summary>
    public ApiEndpoint WithCredential(ExecCredential credential) => this with
    {
        Authorization = credential.Token.Length > 0 ? new AuthenticationHeaderValue("Bearer", credential.Token) : null,
        CertificatePem = credential.CertificatePem,
        KeyPem = credential.KeyPem,
    };

    /// <summary>True if connections to the other endpoint need the same certificates.</summary>
    public bool HasSameCertificatesAs(ApiEndpoint? other) =>
        other is not null && (AuthoritiesPem, CertificatePem, KeyPem, InsecureSkipVerify) == (other.AuthoritiesPem, other.CertificatePem, other.KeyPem, other.InsecureSkipVerify);
}
