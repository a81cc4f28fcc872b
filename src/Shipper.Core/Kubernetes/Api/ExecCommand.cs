using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>
/// A command that prints credentials: <c>exec</c> of a user in a kubeconfig. Source: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/.
/// </summary>
/// <remarks>
/// KubernetesClient can run such a command too, but it joins the arguments with spaces, waits for the command to exit before it reads the output, does not kill
/// a command that hangs, and shows values of <c>env</c> in messages.
/// </remarks>
/// <param name="Source">The key and the path of the kubeconfig, for messages.</param>
/// <param name="User">The user's name in the kubeconfig.</param>
/// <param name="Program">The program: a path, or a name to look up in <c>PATH</c>.</param>
internal sealed record ExecCommand(string Source, string User, string Program)
{
    public const string ApiV1 = "client.authentication.k8s.io/v1";
    public const string ApiV1Beta1 = "client.authentication.k8s.io/v1beta1";

    private const string InfoVariable = "KUBERNETES_EXEC_INFO";
    private const int MaxHintChars = 256;

    /// <summary>The apiVersion that the command must print.</summary>
    public string ApiVersion { get; init; } = ApiV1;

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables of the command, in addition to those of the agent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>How to install the command, for messages.</summary>
    public string InstallHint { get; init; } = "";

    /// <summary>The cluster to describe to the command; null if the kubeconfig does not set <c>provideClusterInfo</c>.</summary>
    public ApiEndpoint? Cluster { get; init; }

    /// <summary>True if the other command runs the same program in the same way.</summary>
    public bool IsSameAs(ExecCommand other) =>
        (Source, User, Program, ApiVersion) == (other.Source, other.User, other.Program, other.ApiVersion)
        && Arguments.SequenceEqual(other.Arguments) && Environment.SequenceEqual(other.Environment) && GetInfo() == other.GetInfo();

    /// <summary>Creates the start info. All three standard streams are redirected: the command's output must not get into the agent's own log.</summary>
    public ProcessStartInfo ToStartInfo()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[InfoVariable] = GetInfo();
        return start;
    }

    /// <summary>Creates the exception for a failure. It never contains arguments or output: both may hold credentials.</summary>
    public ApiAccessException CreateException(string problem, string remedy, Exception? inner = null) =>
        new($"{Source}: the command {Program} of user {User} {problem}. {remedy}", inner);

    /// <summary>Creates the exception for a command that can't be started.</summary>
    public ApiAccessException CreateStartException(string reason, Exception inner)
    {
        string hint = InstallHint.ReplaceLineEndings(" ").Trim();
        hint = hint.Length > MaxHintChars ? hint[..MaxHintChars] + "…" : hint;
        return CreateException($"can't be started: {reason}", $"Install it where the agent can find it, or write its full path into the kubeconfig{(hint.Length > 0 ? $". The kubeconfig says: {hint}" : "")}", inner);
    }

    /// <summary>Builds the value of <c>KUBERNETES_EXEC_INFO</c>. It tells the command that nobody can answer questions.</summary>
    private string GetInfo()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", ApiVersion);
            json.WriteString("kind", "ExecCredential");
            json.WriteStartObject("spec");
            json.WriteBoolean("interactive", false);
            if (Cluster is not null)
            {
                WriteCluster(json, Cluster);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteCluster(Utf8JsonWriter json, ApiEndpoint cluster)
    {
        json.WriteStartObject("cluster");
        json.WriteString("server", cluster.Server.OriginalString);
        if (cluster.ServerName.Length > 0)
        {
            json.WriteString("tls-server-name", cluster.ServerName);
        }

        if (cluster.InsecureSkipVerify)
        {
            json.WriteBoolean("insecure-skip-tls-verify", true);
        }

        if (cluster.AuthoritiesPem.Length > 0)
        {
            json.WriteBase64String("certificate-authority-data", Encoding.UTF8.GetBytes(cluster.AuthoritiesPem));
        }

        if (cluster.Proxy is { } proxy)
        {
            json.WriteString("proxy-url", proxy.Address.OriginalString);
        }

        json.WriteEndObject();
    }
}
