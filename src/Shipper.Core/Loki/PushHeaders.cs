using System.Net.Http.Headers;
using System.Text;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Loki;

/// <summary>Writes the headers of requests. Credentials are read from their files each time, so that renewed ones are used.</summary>
internal static class PushHeaders
{
    private const string UserAgent = "User-Agent";

    /// <summary>Adds the user agent, the configured headers, the tenant and the credentials.</summary>
    /// <exception cref="SecretFileException">A file with credentials can't be used.</exception>
    public static void Add(HttpRequestHeaders headers, LokiOptions options)
    {
        headers.TryAddWithoutValidation(UserAgent, $"shipper/{BuildInfo.Version}");
        foreach ((string name, string value) in options.Headers)
        {
            if (name.Equals(UserAgent, StringComparison.OrdinalIgnoreCase))
            {
                headers.Remove(UserAgent);
            }

            headers.TryAddWithoutValidation(name, value);
        }

        if (options.Tenant.Length > 0)
        {
            headers.TryAddWithoutValidation(LokiOptions.TenantHeader, options.Tenant);
        }

        // The handler takes the server name, for TLS and for the check of the certificate, from the Host header.
        if (options.Tls.ServerName.Length > 0)
        {
            headers.Host = options.Tls.ServerName;
        }

        if (options.BasicAuth.Username.Length > 0)
        {
            string password = SecretFile.Read("loki.basicAuth.passwordFile", options.BasicAuth.PasswordFile);
            string credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.BasicAuth.Username}:{password}"));
            headers.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        }
        else if (options.BearerTokenFile.Length > 0)
        {
            string token = SecretFile.ReadToken("loki.bearerTokenFile", options.BearerTokenFile);
            headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }
}
