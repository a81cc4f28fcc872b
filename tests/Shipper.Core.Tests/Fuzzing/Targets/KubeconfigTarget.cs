using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes.Api;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>A kubeconfig: it gives the API server's address, or an error that names the file.</summary>
internal sealed class KubeconfigTarget : FuzzTarget, IDisposable
{
    private const string Whole = """
        apiVersion: v1
        kind: Config
        current-context: main
        contexts:
        - {name: other, context: {cluster: none, user: none}}
        - name: main
          context: {cluster: c, user: u}
        clusters:
        - name: c
          cluster:
            server: "https://10.0.0.1:6443"
            certificate-authority-data: eA==
            insecure-skip-tls-verify: true
            tls-server-name: x
        users:
        - {name: u, user: {token: t}}
        """;

    private readonly TemporaryDirectory _directory = new(isInMemory: true);

    public override string Name => "kubeconfig";

    public override int MaxBytes => 4 * 1024;

    public override IEnumerable<byte[]> Seeds =>
    [
        Encoding.UTF8.GetBytes(Whole),
        Encoding.UTF8.GetBytes(Whole.Replace("token: t", "client-certificate-data: eA==, client-key-data: eA==", StringComparison.Ordinal)),
        Encoding.UTF8.GetBytes(Whole.Replace("token: t", "tokenFile: none", StringComparison.Ordinal)),
        Encoding.UTF8.GetBytes(Whole.Replace("token: t", "username: a, password: b", StringComparison.Ordinal)),
        Encoding.UTF8.GetBytes(Whole.Replace("token: t", "auth-provider: {name: oidc, config: {id-token: t}}", StringComparison.Ordinal)),
        Encoding.UTF8.GetBytes(Whole.Replace("token: t", $"exec: {{apiVersion: {ExecCommand.ApiV1}, command: a, args: [b, c d], env: [{{name: e, value: f}}], installHint: g, provideClusterInfo: true}}", StringComparison.Ordinal)),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])
        [
            ": ", "- ", "? ", ", ", "{", "}", "[", "]", "\"", "'", "|\n ", "&a ", "*a", "!!str ", "%YAML 1.2\n---\n", "---\n", "...\n", "\n", "\r\n", "\n  ", "\t", "null", "~", "\"\"", "\\u0000", "\\ud800", "\u0085", "\uFEFF",
            "current-context: ", "contexts:", "clusters:", "users:", "name: ", "server: ", "http://[::1]:1", "https://a", "https://a:99999", "file:///a", "user: ", "cluster: ", "token: ", "exec: ", "proxy-url: ", "command: ", "args: ", "env: ", "value: ", "password: ", "<<: ", "&a ", "!!int ", "certificate-authority: none", "client-key-data: ", "eA==", "=",
        ]).Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0],
    ];

    public override string Check(byte[] input)
    {
        string path = _directory["kubeconfig"];
        File.WriteAllBytes(path, input);
        try
        {
            ApiEndpoint endpoint = Kubeconfig.Read(path);
            Assert.True(endpoint.Server.IsAbsoluteUri);
            string credentials = endpoint.Authorization?.Parameter ?? "";
            Assert.True(credentials.All(c => c is > ' ' and < '\x7f'));
            Assert.True(endpoint.Exec?.ToStartInfo().Environment.Keys.All(name => name.Length > 0 && !name.Contains('=', StringComparison.Ordinal)) ?? true);
            return $"{endpoint.Server.Scheme} {endpoint.Authorization?.Scheme} {endpoint.CertificatePem.Length > 0} {endpoint.AuthoritiesPem.Length > 0} {endpoint.InsecureSkipVerify} {endpoint.ServerName.Length > 0} {endpoint.Exec?.Arguments.Count}";
        }
        catch (ApiAccessException e)
        {
            Assert.Contains(_directory.Path, e.Message, StringComparison.Ordinal);
            string message = e.Message.Replace(path, "", StringComparison.Ordinal);
            return message[..Math.Min(70, message.Length)];
        }
    }

    public void Dispose() => _directory.Dispose();
}
