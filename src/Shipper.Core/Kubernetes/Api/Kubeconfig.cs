using System.Text;
using Shipper.Proxies;
using YamlDotNet.Core;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Reads a kubeconfig: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. Paths in it are relative to its own place.
/// </summary>
/// <remarks>
/// Not supported, and said so: <c>exec</c>, <c>auth-provider</c>, user name and password. KubernetesClient.Aot would read them too,
/// for 0.9 MB more in the program.
/// </remarks>
internal sealed class Kubeconfig
{
    private const string Key = "kubernetes.kubeconfig";

    private readonly string _path;
    private readonly Dictionary<string, object> _root;

    private Kubeconfig(string path)
    {
        _path = path;
        string text = ApiAccess.ReadFile(Key, path, "Give the path of a kubeconfig that the agent may read, or nothing to use its service account");
        try
        {
            _root = YamlTree.Read(text) as Dictionary<string, object> ?? throw Problem("is no mapping", "Give the path of a kubeconfig");
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or ArgumentException)
        {
            throw new ApiAccessException($"{Key} {path} is not valid YAML: {e.Message}. Mend the file", e);
        }
    }

    /// <summary>Reads what the current context says.</summary>
    /// <exception cref="ApiAccessException">Something is missing or makes no sense.</exception>
    public static ApiEndpoint Read(string path) => new Kubeconfig(path).ReadCurrent();

    private ApiEndpoint ReadCurrent()
    {
        string name = Text(_root, "current-context");
        if (name.Length == 0)
        {
            throw Problem("has no current-context", "Choose one: kubectl config use-context NAME");
        }

        Dictionary<string, object> context = Find("contexts", name, "context");
        Dictionary<string, object> cluster = Find("clusters", Text(context, "cluster"), "cluster");
        string userName = Text(context, "user");
        Dictionary<string, object> user = userName.Length > 0 ? Find("users", userName, "user") : [];
        foreach (string unsupported in (string[])["exec", "auth-provider", "username"])
        {
            if (user.ContainsKey(unsupported))
            {
                throw Problem($"user {userName} has {unsupported}, which is not supported", "Use a token, a tokenFile or a client certificate");
            }
        }

        string server = Text(cluster, "server");
        if (!Uri.TryCreate(server, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            throw Problem($"cluster {Text(context, "cluster")} has the server '{server}', which is no address", "Set it as in https://10.0.0.1:6443");
        }

        string certificate = Pem(user, "client-certificate");
        string key = Pem(user, "client-key");
        if ((certificate.Length == 0) != (key.Length == 0))
        {
            throw Problem($"user {userName} has only one of client-certificate and client-key", "Set both");
        }

        (string token, string tokenFrom) = ReadToken(user, userName);
        return new ApiEndpoint(url)
        {
            Token = token,
            AuthoritiesPem = Pem(cluster, "certificate-authority"),
            CertificatePem = certificate,
            KeyPem = key,
            InsecureSkipVerify = Text(cluster, "insecure-skip-tls-verify") == "true",
            ServerName = Text(cluster, "tls-server-name"),
            Proxy = ReadProxy(Text(cluster, "proxy-url")),
            Credentials = token.Length > 0 ? tokenFrom
                : certificate.Length > 0 ? $"the client certificate of user {userName} in {_path}"
                : $"user '{userName}' in {_path}, who has neither token nor certificate",
        };
    }

    private ProxyAddress? ReadProxy(string text)
    {
        string? problem = null;
        ProxyAddress? proxy = text.Length == 0 ? null : ProxyAddress.Read("proxy-url", text, out problem);
        return problem is null ? proxy : throw new ApiAccessException($"{Key} {_path}: {problem}");
    }

    private (string Token, string From) ReadToken(Dictionary<string, object> user, string userName)
    {
        // A file before the token itself, as kubectl does.
        string file = Text(user, "tokenFile");
        if (file.Length > 0)
        {
            string path = Resolve(file);
            string name = $"{Key}: tokenFile of user {userName}";
            return (ApiAccess.CheckToken(name, path, ApiAccess.ReadFile(name, path, "Mend the path or the permissions")), $"the token in {path}");
        }

        string token = Text(user, "token");
        return token.Length > 0
            ? (ApiAccess.CheckToken($"{Key}: token of user {userName} in", _path, token), $"the token of user {userName} in {_path}")
            : ("", "");
    }

    /// <summary>The data of a key, which wins, or the file that it names.</summary>
    private string Pem(Dictionary<string, object> mapping, string key)
    {
        string data = Text(mapping, key + "-data");
        if (data.Length > 0)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException e)
            {
                throw new ApiAccessException($"{Key} {_path}: {key}-data is not base64. Give the PEM text in base64, or its path in {key}", e);
            }
        }

        string file = Text(mapping, key);
        return file.Length > 0 ? ApiAccess.ReadFile($"{Key}: {key}", Resolve(file), "Mend the path or the permissions") : "";
    }

    /// <summary>What stands under the singular in the entry of a list that has the name.</summary>
    private Dictionary<string, object> Find(string list, string name, string singular)
    {
        foreach (Dictionary<string, object> entry in (_root.GetValueOrDefault(list) as List<object> ?? []).OfType<Dictionary<string, object>>())
        {
            if (Text(entry, "name") == name)
            {
                return entry.GetValueOrDefault(singular) as Dictionary<string, object> ?? [];
            }
        }

        throw Problem($"has no {singular} '{name}' in {list}", "Mend the context or add what it names");
    }

    private string Resolve(string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_path)) ?? "/", path);

    private static string Text(Dictionary<string, object> mapping, string key) => mapping.GetValueOrDefault(key) as string ?? "";

    private ApiAccessException Problem(string problem, string remedy) => new($"{Key} {_path} {problem}. {remedy}");
}
