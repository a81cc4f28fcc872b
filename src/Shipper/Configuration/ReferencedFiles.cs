using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Shipper.Agents;
using Shipper.Kubernetes.Api;
using Shipper.Loki;
using Shipper.Native;
using Shipper.Net;

namespace Shipper.Configuration;

/// <summary>Checks the files that a configuration names.</summary>
internal static class ReferencedFiles
{
    private const string PasswordKey = "loki.basicAuth.passwordFile";
    private const string TokenKey = "loki.bearerTokenFile";
    private const string AuthoritiesKey = "loki.tls.caFile";
    private const string CertificateKey = "loki.tls.certFile";
    private const string PrivateKeyKey = "loki.tls.keyFile";

    /// <summary>Returns the files that the connection to Loki needs, with their keys.</summary>
    public static IEnumerable<(string Key, string Path)> GetLokiFiles(LokiOptions loki) => new[]
    {
        (PasswordKey, loki.BasicAuth.PasswordFile), (TokenKey, loki.BearerTokenFile), (AuthoritiesKey, loki.Tls.CaFile), (CertificateKey, loki.Tls.CertFile),
        (PrivateKeyKey, loki.Tls.KeyFile),
    }.Where(file => file.Item2.Length > 0);

    /// <summary>Adds the problems of all files that the options name.</summary>
    public static void Check(AgentOptions options, FileCheck check, ConfigBinder binder)
    {
        CheckSecret(PasswordKey, options.Loki.BasicAuth.PasswordFile, SecretFile.Read, check, binder);
        CheckSecret(TokenKey, options.Loki.BearerTokenFile, SecretFile.ReadToken, check, binder);
        TlsOptions tls = options.Loki.Tls;
        if (tls.CaFile.Length > 0)
        {
            CheckCertificates(AuthoritiesKey, tls.CaFile, () => TlsFiles.LoadCertificates(tls.CaFile), binder);
        }

        if (tls.CertFile.Length > 0 && tls.KeyFile.Length > 0)
        {
            bool hasKey = TryLoad(PrivateKeyKey, tls.KeyFile, () => TlsFiles.ReadKey(tls.KeyFile), binder);
            CheckCertificates(CertificateKey, tls.CertFile, () => hasKey ? [TlsFiles.LoadClient(tls.CertFile, tls.KeyFile)] : TlsFiles.LoadCertificates(tls.CertFile), binder);
        }

        if (options.Kubernetes.Enabled && options.Kubernetes.Kubeconfig.Length > 0)
        {
            CheckKubeconfig(options.Kubernetes.Kubeconfig, check, binder);
        }

        CheckState(options.State.Path, check, binder);
        if (options.Containers.Enabled)
        {
            WarnOfDirectories("sources.containers.include", options.Containers.Include, binder);
        }

        for (int i = 0; i < options.Files.Count; i++)
        {
            WarnOfDirectories($"sources.files[{i}].include", options.Files[i].Include, binder);
        }
    }

    private static void CheckSecret(string key, string path, Func<string, string, string> read, FileCheck check, ConfigBinder binder)
    {
        if (path.Length == 0)
        {
            return;
        }

        try
        {
            _ = read(key, path);
        }
        catch (SecretFileException e) when (check == FileCheck.Lenient)
        {
            binder.AddWarning(key, $"{e.Message}. The agent reads it again before each push, and sends nothing until it can be read");
        }
        catch (SecretFileException e)
        {
            binder.Add(key, e.Message);
        }
    }

    private static void CheckCertificates(string key, string path, Func<X509Certificate2Collection> load, ConfigBinder binder)
    {
        X509Certificate2Collection certificates = [];
        if (!TryLoad(key, path, () => certificates = load(), binder))
        {
            return;
        }

        // While a CA is being replaced, the file may hold expired certificates next to a valid one.
        DateTime last = certificates.Max(certificate => certificate.NotAfter.ToUniversalTime());
        if (last < TimeProvider.System.GetUtcNow().UtcDateTime)
        {
            binder.AddWarning(key, string.Create(CultureInfo.InvariantCulture, $"{key} {path} has expired: it was valid until {last:yyyy-MM-dd}; renew it"));
        }

        foreach (X509Certificate2 certificate in certificates)
        {
            certificate.Dispose();
        }
    }

    private static bool TryLoad(string key, string path, Action load, ConfigBinder binder)
    {
        try
        {
            load();
            return true;
        }
        catch (Exception e) when (IoFailure.Is(e) || e is CryptographicException or ArgumentException)
        {
            binder.Add(key, $"{key} {path} can't be used: {e.MessageWithoutPeriod()}");
            return false;
        }
    }

    private static void CheckKubeconfig(string path, FileCheck check, ConfigBinder binder)
    {
        const string Key = "kubernetes.kubeconfig";
        try
        {
            _ = Kubeconfig.Read(path);
        }
        catch (ApiAccessException e) when (check == FileCheck.Lenient)
        {
            binder.AddWarning(Key, $"{e.Message}. The agent keeps trying to read it; until it can, labels come from file names only");
        }
        catch (ApiAccessException e)
        {
            binder.Add(Key, e.Message);
        }
    }

    private static void CheckState(string path, FileCheck check, ConfigBinder binder)
    {
        const string Key = "state.path";
        if (FileStatus.OfPath(path, out FileStatus status) == 0 && status.Kind != FileKind.Directory)
        {
            // A starting agent reports it when it takes the directory's lock.
            if (check == FileCheck.Strict)
            {
                binder.Add(Key, $"{Key} {path} can't be used: it is {status.Kind.Describe()}, but the checkpoints need a directory");
            }
        }
        else if (IsInMemory(path))
        {
            binder.AddWarning(Key, $"{Key} {path} is in memory (tmpfs), so a reboot deletes the checkpoints; use a directory on a disk");
        }
    }

    private static bool IsInMemory(string path)
    {
        string? existing = path;
        while (existing is not null && !Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        try
        {
            return existing is not null && new DriveInfo(existing).DriveFormat == "tmpfs";
        }
        catch (Exception e) when (IoFailure.Is(e) || e is ArgumentException)
        {
            // At worst, a warning is missing.
            return false;
        }
    }

    private static void WarnOfDirectories(string key, List<string> include, ConfigBinder binder)
    {
        foreach (string path in include.Where(path => !path.AsSpan().ContainsAny('*', '?') && Directory.Exists(path)))
        {
            binder.AddWarning(key, $"\"{ConfigBinder.ToOneLine(path)}\" is a directory, but the agent needs globs of files; write {path}/*.log, or {path}/**/*.log to include all subdirectories");
        }
    }
}
