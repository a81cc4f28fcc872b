using System.Net.Http.Headers;
using Shipper.Proxies;

namespace Shipper.Kubernetes.Api;

/// <summary>Where the API server is and how to be let in, with the contents of all files as they were just read.</summary>
internal sealed record ApiEndpoint(Uri Server)
{
    /// <summary>The header with the credentials; null: none.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>Authorities in PEM; empty: those of the system.</summary>
    public string AuthoritiesPem { get; init; } = "";

    /// <summary>Client certificate in PEM; empty: none.</summary>
    public string CertificatePem { get; init; } = "";

    /// <summary>Key of the client certificate, in PEM.</summary>
    public string KeyPem { get; init; } = "";

    /// <summary>True: any certificate of the server will do.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>The name that the server's certificate must have; empty: that of <see cref="Server"/>.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>The proxy that the kubeconfig names; null if it names none: then the environment's proxy is used, if there is one.</summary>
    public ProxyAddress? Proxy { get; init; }

    /// <summary>The command that gives the credentials; null: they are here already, or there are none.</summary>
    public ExecCommand? Exec { get; init; }

    /// <summary>Where the credentials come from, for messages.</summary>
    public string Credentials { get; init; } = "no credentials";

    /// <summary>Adds the credentials that a command printed.</summary>
    public ApiEndpoint With(ExecCredential credential) => this with
    {
        Authorization = credential.Token.Length > 0 ? new AuthenticationHeaderValue("Bearer", credential.Token) : null,
        CertificatePem = credential.CertificatePem,
        KeyPem = credential.KeyPem,
    };

    /// <summary>True if connections to the other endpoint need the same certificates.</summary>
    public bool HasCertificatesOf(ApiEndpoint? other) =>
        other is not null && (AuthoritiesPem, CertificatePem, KeyPem, InsecureSkipVerify) == (other.AuthoritiesPem, other.CertificatePem, other.KeyPem, other.InsecureSkipVerify);
}
