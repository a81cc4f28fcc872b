using System.Net.Http.Headers;
using Shipper.Net;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Finds the address of the API server and the credentials for it: from a kubeconfig, or from the pod's environment and service account.
/// </summary>
/// <remarks>
/// All files are read again for each request. There is a request only every few minutes, so a renewed token, certificate or authority is used
/// without watching the files. KubernetesClient reads a service account once, and only from the path where kubelet mounts it.
/// </remarks>
/// <param name="kubeconfig">Path of a kubeconfig; empty to use the service account.</param>
/// <param name="serviceAccount">Directory where the service account is mounted.</param>
/// <param name="getVariable">Returns the value of an environment variable.</param>
internal sealed class ApiAccess(string kubeconfig, string serviceAccount, Func<string, string?> getVariable)
{
    /// <summary>Where kubelet mounts the service account of a pod.</summary>
    public const string ServiceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    private const string HostVariable = "KUBERNETES_SERVICE_HOST";
    private const string PortVariable = "KUBERNETES_SERVICE_PORT";

    /// <summary>False if no kubeconfig is set and the agent does not run in a pod: there will never be an API server to ask.</summary>
    public bool IsConfigured => kubeconfig.Length > 0 || !string.IsNullOrEmpty(getVariable(HostVariable));

    /// <summary>
    /// True if the agent uses the API server of its own cluster. Then it connects directly, because a proxy is for addresses outside the cluster.
    /// </summary>
    public bool IsDirect => kubeconfig.Length == 0;

    /// <summary>Reads the address and the credentials.</summary>
    /// <exception cref="ApiAccessException">A value is missing or invalid.</exception>
    public ApiEndpoint ReadEndpoint() => kubeconfig.Length > 0 ? Kubeconfig.Read(kubeconfig) : ReadServiceAccount();

    /// <summary>Reads a file with a certificate, a key or a token.</summary>
    /// <exception cref="ApiAccessException">The file can't be read.</exception>
    public static string ReadFile(string key, string path, string remedy)
    {
        try
        {
            return SecretFile.ReadText(key, path);
        }
        catch (SecretFileException e)
        {
            throw new ApiAccessException($"{e.Message}. {remedy}", e);
        }
    }

    /// <summary>Reads a file that holds a token.</summary>
    /// <exception cref="ApiAccessException">The file can't be read, or does not contain a token.</exception>
    public static string ReadToken(string key, string path, string remedy) => CheckToken(key, path, ReadFile(key, path, remedy));

    /// <summary>Checks that a text is a token that can be sent in a header.</summary>
    /// <exception cref="ApiAccessException">The text is not a token.</exception>
    public static string CheckToken(string key, string path, string text)
    {
        try
        {
            return SecretFile.CheckToken(key, path, text);
        }
        catch (SecretFileException e)
        {
            throw new ApiAccessException(e.Message, e);
        }
    }

    private ApiEndpoint ReadServiceAccount()
    {
        string? host = getVariable(HostVariable);
        if (string.IsNullOrEmpty(host))
        {
            throw new ApiAccessException(
                $"{HostVariable} is not set: the agent does not run in a pod. Set kubernetes.kubeconfig, or set kubernetes.enabled to false");
        }

        string port = getVariable(PortVariable) is { Length: > 0 } set ? set : "443";
        if (!ushort.TryParse(port, out ushort number))
        {
            throw new ApiAccessException($"{PortVariable} is {port}, which is not a port number. kubelet sets this variable: check what overrides it in the pod");
        }

        const string Remedy = "Mount the service account into the pod (automountServiceAccountToken)";
        string token = Path.Combine(serviceAccount, "token");
        return new ApiEndpoint(new UriBuilder(Uri.UriSchemeHttps, host, number).Uri)
        {
            Authorization = new AuthenticationHeaderValue("Bearer", ReadToken("The service account's token", token, Remedy)),
            AuthoritiesPem = ReadFile("The service account's authority", Path.Combine(serviceAccount, "ca.crt"), Remedy),
            CredentialsOrigin = $"the token in {token}",
        };
    }
}
