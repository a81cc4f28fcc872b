using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Shipper.Native;
using Shipper.Net;

namespace Shipper.Kubernetes.Api;

/// <summary>Provides the certificates for connections to the API server: those of the last <see cref="ApiEndpoint"/> that was read.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ApiTls
{
    private Certificates? _current;
    private string? _refusal;

    /// <summary>Reason why the server's certificate was last refused; null if it was not.</summary>
    public string? CertificateRefusal => Volatile.Read(ref _refusal);

    /// <summary>Uses the certificates of an endpoint for new connections.</summary>
    /// <exception cref="ApiAccessException">The certificates or the key are invalid.</exception>
    public void UseCertificatesOf(ApiEndpoint endpoint)
    {
        if (endpoint.HasSameCertificatesAs(Volatile.Read(ref _current)?.Endpoint))
        {
            return;
        }

        X509Certificate2Collection authorities = [];
        X509Certificate2? certificate = null;
        try
        {
            if (endpoint.AuthoritiesPem.Length > 0)
            {
                authorities.ImportFromPem(endpoint.AuthoritiesPem);
                if (authorities.Count == 0)
                {
                    throw new CryptographicException("it contains no PEM certificate");
                }
            }
        }
        catch (CryptographicException e)
        {
            throw new ApiAccessException($"The certificate authority of the API server {endpoint.Server} can't be used: {e.MessageWithoutPeriod()}. It must consist of PEM certificates", e);
        }

        try
        {
            if (endpoint.CertificatePem.Length > 0)
            {
                using X509Certificate2 loaded = X509Certificate2.CreateFromPem(endpoint.CertificatePem, endpoint.KeyPem);
                certificate = X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ApiAccessException($"{endpoint.CredentialsOrigin} can't be used: {e.MessageWithoutPeriod()}. The certificate and its key must be in PEM format", e);
        }

        // The previous certificates are not disposed: connections may still use them. The garbage collector frees them.
        Volatile.Write(ref _current, new Certificates(endpoint, authorities, certificate));
    }

    /// <summary>Creates the TLS options of a handler. Each new connection uses the current certificates.</summary>
    public SslClientAuthenticationOptions CreateOptions() => new()
    {
        LocalCertificateSelectionCallback = (_, _, _, _, _) => Volatile.Read(ref _current)?.Client!,
        RemoteCertificateValidationCallback = Validate,
    };

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? received, SslPolicyErrors errors)
    {
        string? refusal = FindRefusal(certificate as X509Certificate2, received, errors);
        Volatile.Write(ref _refusal, refusal);
        return refusal is null;
    }

    private string? FindRefusal(X509Certificate2? server, X509Chain? received, SslPolicyErrors errors)
    {
        Certificates? current = Volatile.Read(ref _current);
        if (current is null || current.Endpoint.InsecureSkipVerify)
        {
            return null;
        }

        if (server is null)
        {
            return "the server sent no certificate";
        }

        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
        {
            return $"its certificate ({server.Subject}) is for another name";
        }

        if (current.Authorities.Count == 0)
        {
            return errors == SslPolicyErrors.None ? null : $"its certificate ({server.Subject}) is not trusted by this system, and no certificate authority is configured";
        }

        return CustomRoots.FindProblem(server, received, current.Authorities) is { } reason
            ? $"its certificate ({server.Subject}) is not signed by the configured authority: {reason}"
            : null;
    }

    private sealed record Certificates(ApiEndpoint Endpoint, X509Certificate2Collection Authorities, X509Certificate2? Client);
}
