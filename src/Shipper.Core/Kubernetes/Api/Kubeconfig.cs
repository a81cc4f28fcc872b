using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using k8s;
using k8s.KubeConfigModels;
using Shipper.Native;
using Shipper.Proxies;
using YamlDotNet.Core;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// Reads a kubeconfig: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. Paths in it are relative to its directory.
/// </summary>
/// <remarks><c>auth-provider</c> is not supported: a kubeconfig that uses it is refused.</remarks>
internal sealed class Kubeconfig
{
    private const string Key = "kubernetes.kubeconfig";

    private readonly string _path;
    private readonly K8SConfiguration _content;
    private readonly KubeconfigKeys _keys;

    private Kubeconfig(string path)
    {
        _path = path;
        string text = ApiAccess.ReadFile(Key, path, "Set it to the path of a kubeconfig that the agent can read, or leave it empty to use the service account");
        try
        {
            _keys = KubeconfigKeys.Read(text) ?? throw Problem("is not a mapping", "Set it to the path of a kubeconfig");
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or ArgumentException)
        {
            throw new ApiAccessException($"{Key} {path} is not valid YAML{DescribeLine(e)}: {e.MessageWithoutPeriod()}. Fix the file", e);
        }

        try
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            _content = KubernetesClientConfiguration.LoadKubeConfig(stream);
        }
#pragma warning disable CA1031 // The exceptions that the package throws for values of the wrong type are not documented.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // The exception and its message are left out: they may quote the value, which may be a credential.
            throw Problem($"has a value of the wrong type{DescribeLine(e)}", "Compare it with https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/");
        }
    }

    /// <summary>Reads the cluster and the user of the current context.</summary>
    /// <exception cref="ApiAccessException">A value is missing or invalid.</exception>
    public static ApiEndpoint Read(string path) => new Kubeconfig(path).ReadCurrent();

    private ApiEndpoint ReadCurrent()
    {
        string contextName = _content.CurrentContext ?? "";
        if (contextName.Length == 0)
        {
            throw Problem("has no current-context", "Set one: kubectl config use-context NAME");
        }

        ContextDetails context = Find("context", contextName, _content.Contexts, entry => entry.Name).ContextDetails ?? new();
        string clusterName = context.Cluster ?? "";
        ClusterEndpoint cluster = Find("cluster", clusterName, _content.Clusters, entry => entry.Name).ClusterEndpoint ?? new();
        string userName = context.User ?? "";
        UserCredentials user = userName.Length == 0 ? new() : Find("user", userName, _content.Users, entry => entry.Name).UserCredentials ?? new();
        if (!Uri.TryCreate(cluster.Server, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            throw Problem($"cluster {clusterName} has the server '{cluster.Server}', which is not an http or https URL", "Set it to a URL such as https://10.0.0.1:6443");
        }

        var endpoint = new ApiEndpoint(url)
        {
            AuthoritiesPem = ReadPem("certificate-authority", cluster.CertificateAuthorityData, cluster.CertificateAuthority),
            InsecureSkipVerify = cluster.SkipTlsVerify,
            ServerName = cluster.TlsServerName ?? "",
            Proxy = ReadProxy(_keys.FindProxyUrl(clusterName)),
        };
        return Authenticate(endpoint, userName, user);
    }

    private ApiEndpoint Authenticate(ApiEndpoint endpoint, string userName, UserCredentials user)
    {
        if (user.AuthProvider is { } provider)
        {
            throw Problem($"user {userName} has auth-provider {provider.Name}, which is not supported", $"Use {Replacement(provider.Name)}, a token, a tokenFile or a client certificate");
        }

        string certificate = ReadPem("client-certificate", user.ClientCertificateData, user.ClientCertificate);
        string key = ReadPem("client-key", user.ClientKeyData, user.ClientKey);
        if ((certificate.Length == 0) != (key.Length == 0))
        {
            throw Problem($"user {userName} has only one of client-certificate and client-key", "Set both");
        }

        (AuthenticationHeaderValue? authorization, string from) = ReadAuthorization(userName, user);

        // Like kubectl, use the command only if there are no other credentials.
        bool needsCommand = authorization is null && certificate.Length == 0;
        ExecCommand? exec = needsCommand && user.ExternalExecution is { } execution ? ReadExec(endpoint, userName, execution) : null;
        return endpoint with
        {
            Authorization = authorization,
            CertificatePem = certificate,
            KeyPem = key,
            Exec = exec,
            CredentialsOrigin = authorization is not null ? from
                : certificate.Length > 0 ? $"the client certificate of user {userName} in {_path}"
                : exec is not null ? $"the credentials that {exec.Program} printed for user {userName} in {_path}"
                : $"user '{userName}' in {_path}, who has no credentials",
        };
    }

    private (AuthenticationHeaderValue? Authorization, string From) ReadAuthorization(string userName, UserCredentials user)
    {
        // Like kubectl, prefer tokenFile to token.
        string file = _keys.FindTokenFile(userName);
        if (file.Length > 0)
        {
            string path = Resolve(file);
            return (Bearer(ApiAccess.ReadToken($"{Key}: tokenFile of user {userName}", path, "Fix the path or the permissions")), $"the token in {path}");
        }

        if (!string.IsNullOrEmpty(user.Token))
        {
            return (Bearer(ApiAccess.CheckToken($"{Key}: token of user {userName} in", _path, user.Token)), $"the token of user {userName} in {_path}");
        }

        if (string.IsNullOrEmpty(user.UserName) != string.IsNullOrEmpty(user.Password))
        {
            throw Problem($"user {userName} has only one of username and password", "Set both");
        }

        return string.IsNullOrEmpty(user.UserName)
            ? (null, "")
            : (new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.UserName}:{user.Password}"))), $"the username and password of user {userName} in {_path}");
    }

    private ExecCommand ReadExec(ApiEndpoint endpoint, string userName, ExternalExecution exec)
    {
        if (string.IsNullOrWhiteSpace(exec.Command))
        {
            throw Problem($"user {userName} has exec without a command", "Set it to the program that prints the credentials");
        }

        if (exec.ApiVersion is not (ExecCommand.ApiV1 or ExecCommand.ApiV1Beta1))
        {
            throw Problem($"user {userName} has exec with the apiVersion '{exec.ApiVersion}', which is not supported", $"Set it to {ExecCommand.ApiV1} or {ExecCommand.ApiV1Beta1}");
        }

        List<KeyValuePair<string, string>> environment = [];
        foreach (Dictionary<string, string> variable in exec.EnvironmentVariables ?? [])
        {
            string? name = variable?.GetValueOrDefault("name");
            if (string.IsNullOrEmpty(name) || name.Contains('=', StringComparison.Ordinal) || variable!.GetValueOrDefault("value") is not { } value)
            {
                throw Problem($"user {userName} has exec with an env entry without a name or a value", "Set both, for example {name: AWS_PROFILE, value: main}");
            }

            environment.Add(new(name, value));
        }

        string[] arguments = [.. (exec.Arguments ?? []).Select(argument => argument ?? "")];
        if (environment.SelectMany(variable => new[] { variable.Key, variable.Value }).Concat(arguments).Append(exec.Command).Any(text => text.Contains('\0', StringComparison.Ordinal)))
        {
            throw Problem($"user {userName} has exec with a NUL character", "Remove it");
        }

        // Like kubectl, look up only a name without a slash in PATH.
        string program = exec.Command.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(Resolve(exec.Command)) : exec.Command;
        return new ExecCommand($"{Key} {_path}", userName, program)
        {
            ApiVersion = exec.ApiVersion,
            Arguments = arguments,
            Environment = environment,
            InstallHint = exec.InstallHint ?? "",
            Cluster = exec.ProvideClusterInfo ? endpoint : null,
        };
    }

    private ProxyAddress? ReadProxy(string text)
    {
        string? problem = null;
        ProxyAddress? proxy = text.Length == 0 ? null : ProxyAddress.Read("proxy-url", text, out problem);
        return problem is null ? proxy : throw new ApiAccessException($"{Key} {_path}: {problem}");
    }

    /// <summary>Returns the PEM text in the key's data, or else in the file that the key names; empty if there is neither.</summary>
    private string ReadPem(string key, string? data, string? file)
    {
        if (!string.IsNullOrEmpty(data))
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException e)
            {
                throw new ApiAccessException($"{Key} {_path}: {key}-data is not base64. Set it to the PEM text in base64, or set {key} to the path of a PEM file", e);
            }
        }

        return string.IsNullOrEmpty(file) ? "" : ApiAccess.ReadFile($"{Key}: {key}", Resolve(file), "Fix the path or the permissions");
    }

    private T Find<T>(string singular, string name, List<T>? entries, Func<T, string?> nameOf)
        where T : class =>
        entries?.Find(entry => entry is not null && nameOf(entry) == name) ?? throw Problem($"has no {singular} '{name}' in {singular}s", $"Fix the name, or add the {singular}");

    private string Resolve(string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_path)) ?? "/", path);

    private ApiAccessException Problem(string problem, string remedy) => new($"{Key} {_path} {problem}. {remedy}");

    private static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    /// <summary>Returns the command that replaces an auth-provider, for messages.</summary>
    private static string Replacement(string? provider) => provider switch
    {
        "oidc" => "exec with the command kubectl and its plugin oidc-login",
        "azure" => "exec with the command kubelogin",
        "gcp" => "exec with the command gke-gcloud-auth-plugin",
        _ => "exec with a command that prints credentials",
    };

    private static string DescribeLine(Exception exception) =>
        exception is YamlException { Start.Line: > 0 } e ? string.Create(CultureInfo.InvariantCulture, $" on line {e.Start.Line}") : "";
}
