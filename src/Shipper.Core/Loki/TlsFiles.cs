using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Shipper.Native;

namespace Shipper.Loki;

/// <summary>
/// The certificates towards Loki. Their files are read again when they change, so that a renewed certificate
/// is used by the next connection.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class TlsFiles(TlsOptions options, ILogger logger)
{
    private readonly Lock _lock = new();
    private ((ulong Inode, long ModifiedNs) Version, X509Certificate2Collection Certificates)? _authorities;
    private ((ulong Inode, long ModifiedNs) Version, X509Certificate2 Certificate)? _client;

    /// <summary>The options of a connection.</summary>
    /// <exception cref="CryptographicException">A file can't be read, or holds no certificate or key.</exception>
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
                string reasons = string.Join(", ", received?.ChainStatus.Select(status => status.StatusInformation.Trim()) ?? []);
                PushLog.CertificateRefused(logger, certificate?.Subject ?? "none", $"{errors} {reasons}".TrimEnd());
            }

            return errors == SslPolicyErrors.None;
        }

        if (certificate is not X509Certificate2 server
            || (errors & (SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable)) != 0)
        {
            PushLog.CertificateRefused(logger, certificate?.Subject ?? "none", (errors & ~SslPolicyErrors.RemoteCertificateChainErrors).ToString());
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(GetAuthorities());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (X509ChainElement element in received?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        if (chain.Build(server))
        {
            return true;
        }

        PushLog.CertificateRefused(logger, server.Subject, string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.Trim())));
        return false;
    }

    private X509Certificate2 GetClient() => GetCurrent(
        "loki.tls.certFile",
        options.CertFile,
        ref _client,
        () =>
        {
            using X509Certificate2 loaded = X509Certificate2.CreateFromPemFile(
                options.CertFile, options.KeyFile.Length > 0 ? options.KeyFile : options.CertFile);
            return X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
        });

    private X509Certificate2Collection GetAuthorities() => GetCurrent(
        "loki.tls.caFile",
        options.CaFile,
        ref _authorities,
        () =>
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(options.CaFile);
            return certificates.Count > 0
                ? certificates
                : throw new CryptographicException("the file holds no PEM certificate");
        });

    private T GetCurrent<T>(string key, string path, ref ((ulong Inode, long ModifiedNs) Version, T Value)? current, Func<T> load)
    {
        lock (_lock)
        {
            try
            {
                // Of the file behind the links: those of a mounted secret lead elsewhere when it changes, and stay as they are.
                int error = FileStatus.OfPath(path, out FileStatus status);
                (ulong Inode, long ModifiedNs) version = (status.Inode, status.ModifiedNs);
                if (current is null || (error == 0 && current.Value.Version != version))
                {
                    current = (version, load());
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                if (current is null)
                {
                    throw new CryptographicException($"{key} {path} can't be used: {e.Message}", e);
                }

                PushLog.FileUnreadable(logger, key, path, e.Message);
            }

            return current!.Value.Value;
        }
    }
}
