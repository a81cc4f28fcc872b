using System.Net.Http.Headers;
using Shipper.Net;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Finds the way to the API server: from a kubeconfig, or as every pod does from its environment and its service account.
/// </summary>
/// <remarks>
/// Everything is read again for each request. There is one every few minutes, and so a renewed token, certificate or authority
/// needs nobody to notice it. KubernetesClient reads a service account once, and only from where kubelet mounts it.
/// </remarks>
/// <param name="kubeconfig">Path of a kubeconfig; empty: the service account.</param>
/// <param name="serviceAccount">Where the service account is mounted.</param>
/// <param name="getVariable">Gives an environment variable.</param>
internal sealed class ApiAccess(string kubeconfig, string serviceAccount, Func<string, string?> getVariable)
{
    /// <summary>Where kubelet mounts the service account of a pod.</summary>
    public const string ServiceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    private const string HostVariable = "KUBERNETES_SERVICE_HOST";
    private const string PortVariable = "KUBERNETES_SERVICE_PORT";

    /// <summary>False where there is neither a kubeconfig nor a pod around: nothing will ever be there to ask.</summary>
    public bool IsConfigured => kubeconfig.Length > 0 || !string.IsNullOrEmpty(getVariable(HostVariable));

    /// <summary>True if the API server is that of the pod's own cluster. It is reached directly, because a proxy leads out of the cluster.</summary>
    public bool IsDirect => kubeconfig.Length == 0;

    /// <summary>Reads the way to the API server.</summary>
    /// <exception cref="ApiAccessException">Something is missing or makes no sense.</exception>
    public ApiEndpoint Read() => kubeconfig.Length > 0 ? Kubeconfig.Read(kubeconfig) : ReadServiceAccount();

    /// <summary>Reads a file that access needs.</summary>
    /// <exception cref="ApiAccessException">It can't be read.</exception>
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
    /// <exception cref="ApiAccessException">It can't be read, or holds something else.</exception>
    public static string ReadToken(string key, string path, string remedy) => CheckToken(key, path, ReadFile(key, path, remedy));

    /// <summary>Checks a token: it becomes a header.</summary>
    /// <exception cref="ApiAccessException">It is none.</exception>
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
                $"{HostVariable} is not set: this is no pod of a cluster. Set kubernetes.kubeconfig, or kubernetes.enabled to false");
        }

        string port = getVariable(PortVariable) is { Length: > 0 } set ? set : "443";
        if (!ushort.TryParse(port, out ushort number))
        {
            throw new ApiAccessException($"{PortVariable} is {port}, which is no port. It is set by kubelet: look for what overrides it in the pod");
        }

        const string Remedy = "Let the pod mount its service account (automountServiceAccountToken)";
        string token = Path.Combine(serviceAccount, "token");
        return new ApiEndpoint(new UriBuilder(Uri.UriSchemeHttps, host, number).Uri)
        {
            Authorization = new AuthenticationHeaderValue("Bearer", ReadToken("The service account's token", token, Remedy)),
            AuthoritiesPem = ReadFile("The service account's authority", Path.Combine(serviceAccount, "ca.crt"), Remedy),
            Credentials = $"the token in {token}",
        };
    }
}
