using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Shipper.Testing;

/// <summary>Creates a CA, a server certificate and a client certificate for a test.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("shipper-certificates-").FullName;

    public TestCertificates(string serverName, string authorityName = "shipper test authority")
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest($"CN={authorityName}", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(CaFile, authority.ExportCertificatePem());

        Server = Issue(authority, $"CN={serverName}", serverName, now, out _);
        using X509Certificate2 client = Issue(authority, "CN=shipper", null, now, out string clientKey);
        File.WriteAllText(ClientFile, client.ExportCertificatePem());
        File.WriteAllText(ClientKeyFile, clientKey);
    }

    public X509Certificate2 Server { get; }

    public string CaFile => Path.Combine(_directory, "ca.crt");

    public string ClientFile => Path.Combine(_directory, "client.crt");

    public string ClientKeyFile => Path.Combine(_directory, "client.key");

    public void Dispose()
    {
        Server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string subject, string? dnsName, DateTimeOffset now, out string keyPem)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (dnsName is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(dnsName);
            request.CertificateExtensions.Add(names.Build());
        }

        using X509Certificate2 certificate = request.Create(authority, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 withKey = certificate.CopyWithPrivateKey(key);
        keyPem = key.ExportPkcs8PrivateKeyPem();
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
