using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Shipper.Native;
using Shipper.Net;

namespace Shipper.Loki;

/// <summary>
/// Provides the certificates for connections to Loki. Their files are read again when they change, so that the next connection uses a renewed certificate.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class TlsFiles(TlsOptions options, ILogger logger)
{
    private readonly Lock _lock = new();
    private ((ulong Inode, long ModifiedNs) Version, X509Certificate2Collection Certificates)? _authorities;
    private ((ulong Inode, long ModifiedNs) Version, X509Certificate2 Certificate)? _client;

    /// <summary>Creates the options of a connection.</summary>
    /// <exception cref="CryptographicException">A file can't be read, or has no certificate or key.</exception>
    public SslClientAuthenticationOptions CreateOptions()
    {
        var ssl = new SslClientAuthenticationOptions();
        if (options.CertFile.Length > 0)
        {
            _ = GetClient();
            ssl.LocalCertificateSelectionCallback = (_, _, _, _, _) => GetClient();
        }

        if (options.InsecureSkipVerify)
        {
#pragma warning disable CA5359 // The user asked for it; the option's name and the log say what it means.
            ssl.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else
        {
            if (options.CaFile.Length > 0)
            {
                _ = GetAuthorities();
            }

            ssl.RemoteCertificateValidationCallback = Validate;
        }

        return ssl;
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? received, SslPolicyErrors errors)
    {
        if (options.CaFile.Length == 0)
        {
            if (errors != SslPolicyErrors.None)
            {
                PushEvents.CertificateRefused(logger, certificate?.Subject ?? "none", $"{errors} {CustomRoots.DescribeStatus(received)}".TrimEnd());
            }

            return errors == SslPolicyErrors.None;
        }

        if (certificate is not X509Certificate2 server
            || (errors & (SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable)) != 0)
        {
            PushEvents.CertificateRefused(logger, certificate?.Subject ?? "none", (errors & ~SslPolicyErrors.RemoteCertificateChainErrors).ToString());
            return false;
        }

        string? refusal = CustomRoots.FindProblem(server, received, GetAuthorities());
        if (refusal is not null)
        {
            PushEvents.CertificateRefused(logger, server.Subject, refusal);
        }

        return refusal is null;
    }

    /// <summary>Reads a client certificate with its key.</summary>
    /// <param name="certificatePath">File with the certificate.</param>
    /// <param name="keyPath">File with its key; may be the same file.</param>
    /// <exception cref="CryptographicException">A file has no certificate or key, or the key belongs to another certificate.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static X509Certificate2 LoadClient(string certificatePath, string keyPath)
    {
        string certificate = ReadPem(certificatePath, "CERTIFICATE", "certificate");
        string key = ReadKey(keyPath);
        try
        {
            using X509Certificate2 loaded = X509Certificate2.CreateFromPem(certificate, key);
            return X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CryptographicException($"it is damaged, or the key in {keyPath} is damaged or belongs to another certificate", e);
        }
    }

    /// <summary>Reads a private key, as PEM.</summary>
    /// <exception cref="CryptographicException">The file has no key, or an encrypted one.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string ReadKey(string path)
    {
        string key = ReadPem(path, "PRIVATE KEY", "private key");
        return key.Contains("ENCRYPTED", StringComparison.Ordinal)
            ? throw new CryptographicException("it is encrypted, and the agent has no password for it; store it unencrypted")
            : key;
    }

    /// <summary>Reads certificates without keys.</summary>
    /// <exception cref="CryptographicException">The file has no valid certificate.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static X509Certificate2Collection LoadCertificates(string path)
    {
        string pem = ReadPem(path, "CERTIFICATE", "certificate");
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException("it is damaged: at least one certificate in it can't be read", e);
        }

        return certificates.Count > 0 ? certificates : throw new CryptographicException("it is damaged: no certificate in it can be read");
    }

    private static string ReadPem(string path, string label, string what)
    {
        // Opening a pipe would wait until somebody writes to it.
        int error = FileStatus.OfPath(path, out FileStatus status);
        if (error != 0 || status.Kind != FileKind.Regular)
        {
            throw new IOException(error != 0 ? Marshal.GetPInvokeErrorMessage(error) : $"it is {status.Kind.Describe()}, not a file");
        }

        string text = File.ReadAllText(path);
        return text.Contains($"{label}-----", StringComparison.Ordinal)
            ? text
            : throw new CryptographicException($"it holds no {what} in PEM format, which begins with -----BEGIN");
    }

    private X509Certificate2 GetClient() => GetCurrent("loki.tls.certFile", options.CertFile, ref _client, () => LoadClient(options.CertFile, options.KeyFile));

    private X509Certificate2Collection GetAuthorities() => GetCurrent("loki.tls.caFile", options.CaFile, ref _authorities, () => LoadCertificates(options.CaFile));

    private T GetCurrent<T>(string key, string path, ref ((ulong Inode, long ModifiedNs) Version, T Value)? current, Func<T> load)
    {
        lock (_lock)
        {
            try
            {
                // The version of the file behind the links: the links of a mounted secret don't change themselves, but lead elsewhere when the secret changes.
                int error = FileStatus.OfPath(path, out FileStatus status);
                (ulong Inode, long ModifiedNs) version = (status.Inode, status.ModifiedNs);
                if (current is null || (error == 0 && current.Value.Version != version))
                {
                    current = (version, load());
                }
            }
            catch (Exception e) when (IoFailure.Is(e) || e is CryptographicException or ArgumentException)
            {
                if (current is null)
                {
                    throw new CryptographicException($"{key} {path} can't be used: {e.Message}", e);
                }

                PushEvents.FileUnreadable(logger, key, path, e.Message);
            }

            return current!.Value.Value;
        }
    }
}
