using System.Text.RegularExpressions;
using Shipper.Loki;

namespace Shipper.Configuration;

/// <summary>Checks the connection to Loki: URL, credentials, tenant and TLS.</summary>
internal static partial class LokiChecks
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;
    private const string Authorization = "Authorization";

    public static void Validate(LokiOptions loki, ConfigBinder binder)
    {
        ValidateUrl(loki, binder);
        ValidateCredentials(loki, binder);
        ValidateTls(loki, binder);
        if (loki.Retry.Initial > loki.Retry.Max && !binder.IsInvalid("loki.retry.initial") && !binder.IsInvalid("loki.retry.max"))
        {
            binder.Add("loki.retry.initial", "loki.retry.initial must not be longer than loki.retry.max");
        }

        foreach ((string key, string path) in ReferencedFiles.GetLokiFiles(loki).Where(file => file.Path[0] is not '/' and not '~'))
        {
            binder.AddWarning(key, $"{key} \"{ConfigBinder.ToOneLine(path)}\" is relative to the working directory of the agent; write an absolute path");
        }
    }

    private static void ValidateUrl(LokiOptions loki, ConfigBinder binder)
    {
        const string Key = "loki.url";
        Uri url = loki.Url;
        if (url.Scheme == Uri.UriSchemeHttps ? url.Port == HttpPort : url.Port == HttpsPort)
        {
            binder.AddWarning(Key, $"{Key} has {url.Scheme}:// with port {url.Port}, which is the port of {(url.Port == HttpPort ? "http" : "https")}; change one of them");
        }

        string path = url.AbsolutePath;
        if (path == "/" || path.EndsWith(LokiOptions.PushPath, StringComparison.Ordinal))
        {
            return;
        }

        string right = $"{url.GetLeftPart(UriPartial.Authority)}{path[..Math.Max(0, KnownPath().Match(path).Index)]}{LokiOptions.PushPath}";
        if (OldPath().IsMatch(path))
        {
            binder.AddWarning(Key, $"{Key} has a deprecated path of Loki. Pushes work, but after a lost response the agent can't ask Loki whether a push arrived; write {right}");
        }
        else if (KnownPath().IsMatch(path))
        {
            binder.Add(Key, $"{Key} has the path {ConfigBinder.ToOneLine(path)}, where Loki accepts no pushes; write {right}");
        }
        else
        {
            binder.AddWarning(
                Key,
                $"{Key} has the path {ConfigBinder.ToOneLine(path)}, which Loki does not have; remove it, and the agent adds {LokiOptions.PushPath}. "
                + "If a proxy in front of Loki serves this path, pushes work, but after a lost response the agent can't ask Loki whether a push arrived");
        }
    }

    private static void ValidateCredentials(LokiOptions loki, ConfigBinder binder)
    {
        (string username, string passwordFile) = (loki.BasicAuth.Username, loki.BasicAuth.PasswordFile);
        if (username.Length > 0 && loki.BearerTokenFile.Length > 0)
        {
            binder.Add("loki.bearerTokenFile", "loki.bearerTokenFile and loki.basicAuth can't be used together; remove one of them");
        }

        if (username.Length == 0 && passwordFile.Length > 0 && !binder.IsInvalid("loki.basicAuth.username"))
        {
            binder.Add("loki.basicAuth.passwordFile", "loki.basicAuth.passwordFile needs loki.basicAuth.username");
        }

        if (username.Length > 0 && passwordFile.Length == 0 && loki.BearerTokenFile.Length == 0 && !binder.IsInvalid("loki.basicAuth.passwordFile"))
        {
            binder.Add("loki.basicAuth.username", "loki.basicAuth.username needs loki.basicAuth.passwordFile, the path of a file with the password");
        }

        if (username.Length + loki.BearerTokenFile.Length > 0 && loki.Headers.ContainsKey(Authorization))
        {
            string header = SpellingOf(loki, Authorization);
            binder.Add($"loki.headers.{header}", $"loki.headers.{header} is the header that loki.{(username.Length > 0 ? "basicAuth" : "bearerTokenFile")} sets; remove one of them");
        }

        if (loki.Tenant.Length > 0 && loki.Headers.ContainsKey(LokiOptions.TenantHeader))
        {
            string header = SpellingOf(loki, LokiOptions.TenantHeader);
            binder.Add($"loki.headers.{header}", $"loki.headers.{header} and loki.tenant are the same header; remove one of them");
        }
    }

    private static void ValidateTls(LokiOptions loki, ConfigBinder binder)
    {
        TlsOptions tls = loki.Tls;
        if (tls.KeyFile.Length > 0 && tls.CertFile.Length == 0 && !binder.IsInvalid("loki.tls.certFile"))
        {
            binder.Add("loki.tls.keyFile", "loki.tls.keyFile needs loki.tls.certFile");
        }

        if (tls.CertFile.Length > 0 && tls.KeyFile.Length == 0 && !binder.IsInvalid("loki.tls.keyFile"))
        {
            binder.Add("loki.tls.certFile", "loki.tls.certFile needs loki.tls.keyFile; if the same file contains the key, name it in both");
        }

        if (tls.InsecureSkipVerify && tls.CaFile.Length > 0)
        {
            binder.AddWarning("loki.tls.caFile", "loki.tls.caFile has no effect with loki.tls.insecureSkipVerify: true, which accepts any certificate; remove one of them");
        }

        (string Key, bool IsSet)[] keys =
        [
            ("caFile", tls.CaFile.Length > 0), ("certFile", tls.CertFile.Length > 0), ("keyFile", tls.KeyFile.Length > 0), ("serverName", tls.ServerName.Length > 0),
            ("insecureSkipVerify", tls.InsecureSkipVerify),
        ];
        if (loki.Url.Scheme == Uri.UriSchemeHttp && !binder.IsInvalid("loki.url"))
        {
            foreach ((string key, _) in keys.Where(key => key.IsSet))
            {
                binder.Add($"loki.tls.{key}", $"loki.tls.{key} has no effect with http://, which is not encrypted; write https:// in loki.url, or remove loki.tls.{key}");
            }
        }
    }

    /// <summary>Returns the name of a header as the configuration spells it.</summary>
    private static string SpellingOf(LokiOptions loki, string header) => loki.Headers.Keys.First(name => name.Equals(header, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Matches Loki's other paths and parts of its push path, with or without a prefix. Source: https://grafana.com/docs/loki/latest/reference/loki-http-api/.
    /// </summary>
    [GeneratedRegex(@"^/(loki|otlp|ready|metrics|config|services|distributor(/.*)?)/*$|/loki/api(/v1(/.*)?)?/*$|/api/prom(/.*)?$|/otlp/v1(/logs)?/*$|^//+$", RegexOptions.IgnoreCase)]
    private static partial Regex KnownPath();

    /// <summary>Matches the path to which Promtail pushed before Loki 1.0.</summary>
    [GeneratedRegex("/api/prom/push$")]
    private static partial Regex OldPath();
}
