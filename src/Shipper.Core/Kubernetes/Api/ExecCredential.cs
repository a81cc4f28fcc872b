using System.Text.Json;
using Shipper.Net;

namespace Shipper.Kubernetes.Api;

/// <summary>Credentials that a command printed: a token, a client certificate with its key, or both.</summary>
/// <param name="Token">The bearer token; empty if there is none.</param>
/// <param name="CertificatePem">Client certificate in PEM; empty if there is none.</param>
/// <param name="KeyPem">Key of the client certificate, in PEM.</param>
/// <param name="Expires">Time at which the credentials expire; null if they are valid until the API server refuses them.</param>
internal sealed record ExecCredential(string Token, string CertificatePem, string KeyPem, DateTimeOffset? Expires)
{
    private const string Remedy = "Run it as the agent's user and check its output";

    /// <summary>Reads the output of a command.</summary>
    /// <exception cref="ApiAccessException">The output is not an ExecCredential, or contains no credentials.</exception>
    public static ExecCredential Read(ExecCommand command, ReadOnlyMemory<byte> output)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(output);
            JsonElement root = json.RootElement;
            if (Text(root, "apiVersion") != command.ApiVersion)
            {
                throw command.CreateException($"printed a different apiVersion than the kubeconfig's {command.ApiVersion}", "Set apiVersion in the kubeconfig to the one that the command prints");
            }

            JsonElement status = root.TryGetProperty("status", out JsonElement found) && found.ValueKind == JsonValueKind.Object ? found : default;
            if (status.ValueKind == JsonValueKind.Undefined)
            {
                throw command.CreateException("printed no status", Remedy);
            }

            string token = Text(status, "token");
            string certificate = Text(status, "clientCertificateData");
            string key = Text(status, "clientKeyData");
            return token.Length > 0 && !SecretFile.IsToken(token) ? throw command.CreateException("printed a status.token with characters that are not valid in a token", Remedy)
                : (certificate.Length == 0) != (key.Length == 0) ? throw command.CreateException("printed only one of status.clientCertificateData and status.clientKeyData", Remedy)
                : token.Length == 0 && certificate.Length == 0 ? throw command.CreateException("printed neither status.token nor status.clientCertificateData", Remedy)
                : new ExecCredential(token, certificate, key, ReadExpiry(command, status));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The exception and its message are left out: they may quote the output.
            throw command.CreateException("did not print an ExecCredential as JSON", Remedy);
        }
    }

    private static DateTimeOffset? ReadExpiry(ExecCommand command, JsonElement status) =>
        !status.TryGetProperty("expirationTimestamp", out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out DateTimeOffset expires) ? expires
        : throw command.CreateException("printed a status.expirationTimestamp that is not a valid time", Remedy);

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
}
