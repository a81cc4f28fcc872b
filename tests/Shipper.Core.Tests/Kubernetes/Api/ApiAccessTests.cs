using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes.Api;
using Shipper.Testing;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes.Api;

public sealed class ApiAccessTests : IDisposable
{
    private readonly TestCertificates _certificates = new("localhost");
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetAsync_ClientCertificate_IsAccepted(bool isData)
    {
        using ApiServerDouble server = await StartAsync(needsClientCertificate: true);
        string Value(string key, string path) => isData ? $"{key}-data: {Convert.ToBase64String(File.ReadAllBytes(path))}" : $"{key}: {path}";
        string path = Write(
            $"server: \"https://localhost:{server.Address.Port}\", {Value("certificate-authority", _certificates.CaFile)}",
            $"{Value("client-certificate", _certificates.ClientFile)}, {Value("client-key", _certificates.ClientKeyFile)}");
        using var sut = new ApiClient(new ApiAccess(path, "/nowhere", _ => null));

        using HttpResponseMessage answer = await sut.GetAsync("/api/v1/pods", "application/json", Stopping);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Contains("the client certificate of user u", sut.CredentialsOrigin, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is not trusted by this system")]
    [InlineData(", tls-server-name: other", "is for another name")]
    [InlineData(", insecure-skip-tls-verify: true", null)]
    [InlineData(", tls-server-name: localhost, certificate-authority: CA", null)]
    public async Task GetAsync_ServerCertificate_IsVerified(string cluster, string? refusal)
    {
        using ApiServerDouble server = await StartAsync();
        string path = Write($"server: \"https://127.0.0.1:{server.Address.Port}\"{cluster.Replace("CA", _certificates.CaFile, StringComparison.Ordinal)}".Replace("127.0.0.1", refusal == "is not trusted by this system" ? "localhost" : "127.0.0.1", StringComparison.Ordinal), "token: t");
        using var sut = new ApiClient(new ApiAccess(path, "/nowhere", _ => null));

        if (refusal is null)
        {
            using HttpResponseMessage answer = await sut.GetAsync("/api/v1/pods", "application/json", Stopping);
            Assert.Equal("Bearer t", Assert.Single(server.Requests).Authorization);
        }
        else
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => sut.GetAsync("/api/v1/pods", "application/json", Stopping));
            Assert.Contains(refusal, sut.CertificateRefusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task GetAsync_ServiceAccountTokenChanges_SendsTheNewToken()
    {
        using ApiServerDouble server = await StartAsync();
        File.Copy(_certificates.CaFile, _directory["ca.crt"]);
        await File.WriteAllTextAsync(_directory["token"], "one", Stopping);
        var access = new ApiAccess("", _directory, name => name == "KUBERNETES_SERVICE_HOST" ? "localhost" : $"{server.Address.Port}");
        using var sut = new ApiClient(access);
        Assert.True(access.IsConfigured);

        (await sut.GetAsync("/api/v1/pods", "application/json", Stopping)).Dispose();
        await File.WriteAllTextAsync(_directory["token"], "two\n", Stopping);
        (await sut.GetAsync("/api/v1/pods", "application/json", Stopping)).Dispose();

        Assert.Equal(["Bearer one", "Bearer two"], server.Requests.Select(request => request.Authorization));
    }

    /// <summary>The next connection uses the new authority; a server certificate of another authority is refused.</summary>
    [Fact]
    public async Task GetAsync_AuthorityIsReplaced_UsesTheNewOne()
    {
        using ApiServerDouble server = await StartAsync();
        using var others = new TestCertificates("localhost");
        File.Copy(others.CaFile, _directory["ca.crt"]);
        await File.WriteAllTextAsync(_directory["token"], "t", Stopping);
        using var sut = new ApiClient(new ApiAccess("", _directory, name => name == "KUBERNETES_SERVICE_HOST" ? "localhost" : $"{server.Address.Port}"));
        await Assert.ThrowsAsync<HttpRequestException>(() => sut.GetAsync("/api/v1/pods", "application/json", Stopping));
        Assert.Contains("is not signed by the configured authority", sut.CertificateRefusal, StringComparison.Ordinal);

        File.Copy(_certificates.CaFile, _directory["ca.crt"], overwrite: true);
        using HttpResponseMessage answer = await sut.GetAsync("/api/v1/pods", "application/json", Stopping);

        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("server: x", "token: t", "which is not an http or https URL")]
    [InlineData("server: \"https://a\"", "exec: {command: aws}", "has exec with the apiVersion '', which is not supported. Set it to client.authentication.k8s.io/v1")]
    [InlineData("server: \"https://a\"", "exec: {apiVersion: client.authentication.k8s.io/v1}", "user u has exec without a command. Set it to")]
    [InlineData("server: \"https://a\"", "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, env: [{name: SECRET}]}", "user u has exec with an env entry without a name or a value. Set both")]
    [InlineData("server: \"https://a\"", "auth-provider: {name: oidc, config: {id-token: SECRET}}", "user u has auth-provider oidc, which is not supported. Use exec with the command kubectl and its plugin oidc-login, a token")]
    [InlineData("server: \"https://a\"", "auth-provider: {name: gcp}, token: t", "user u has auth-provider gcp, which is not supported. Use exec with the command gke-gcloud-auth-plugin")]
    [InlineData("server: \"https://a\"", "auth-provider: {name: azure}", "Use exec with the command kubelogin")]
    [InlineData("server: \"https://a\"", "username: SECRET", "user u has only one of username and password. Set both")]
    [InlineData("server: \"https://a\"", "token: {SECRET: a}", "has a value of the wrong type on line 4")]
    [InlineData("server: \"https://a\", insecure-skip-tls-verify: SECRET", "token: t", "has a value of the wrong type on line 3. Compare it with")]
    [InlineData("server: \"https://a\"", "token: *SECRET", "is not valid YAML on line 4: It has an alias (a value that begins with *), which is not supported. Write out the value")]
    [InlineData("server: \"https://a\", a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "token: t", "nested too deeply")]
    [InlineData("server: \"https://a\", proxy-url: \"ftp://SECRET\"", "token: t", "has the scheme 'ftp', which is not supported for proxies")]
    [InlineData("server: \"https://a\", server: \"https://b\"", "token: t", "is not valid YAML on line 3: Duplicate key")]
    [InlineData("server: \"https://a\"", "tokenFile: missing", "missing can't be read")]
    [InlineData("server: \"https://a\"", "client-certificate-data: aGVsbG8=", "only one of client-certificate and client-key")]
    [InlineData("server: \"https://a\", certificate-authority-data: '%'", "token: t", "is not base64")]
    [InlineData("server: \"https://a\"", "token: \"a b\"", "has characters that a token can't have")]
    [InlineData("server: [", "token: t", "is not valid YAML")]
    public void ReadEndpoint_InvalidKubeconfig_NamesTheProblem(string cluster, string user, string expected)
    {
        var exception = Assert.Throws<ApiAccessException>(() => new ApiAccess(Write(cluster, user), "/nowhere", _ => null).ReadEndpoint());

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains(_directory.Path, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is not a mapping")]
    [InlineData("current-context: x\n", "has no context 'x' in contexts")]
    [InlineData("a: b\n", "has no current-context")]
    [InlineData("- a\n", "is not a mapping. Set it to the path of a kubeconfig")]
    [InlineData("users: ~\ncontexts: [~, {name: x}]\ncurrent-context: x\n", "has no cluster '' in clusters. Fix the name, or add the cluster")]
    [InlineData("current-context: {a: b\n", "is not valid YAML")]
    public void Read_FileIsNotAKubeconfig_NamesTheProblem(string text, string expected)
    {
        File.WriteAllText(_directory["config"], text);

        var exception = Assert.Throws<ApiAccessException>(() => Kubeconfig.Read(_directory["config"]));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Paths are relative to the kubeconfig, regardless of the agent's working directory.</summary>
    [Fact]
    public void Read_RelativePaths_ResolvesThemAgainstTheKubeconfig()
    {
        File.WriteAllText(_directory["a"], "authority");
        File.WriteAllText(_directory["t"], "token\n");

        ApiEndpoint endpoint = Kubeconfig.Read(Write("server: \"https://a\", certificate-authority: a", "tokenFile: t"));

        Assert.Equal(("authority", "Bearer token"), (endpoint.AuthoritiesPem, endpoint.Authorization?.ToString()));
        Assert.Equal($"the token in {_directory["t"]}", endpoint.CredentialsOrigin);
    }

    [Theory]
    [InlineData("tokenFile: {0}", "tokenFile of user u")]
    [InlineData("client-certificate: {0}, client-key-data: eA==", "client-certificate")]
    public void Read_PathIsAPipe_RefusesItWithoutBlocking(string user, string expected)
    {
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [_directory["pipe"]]))
        {
            mkfifo.WaitForExit();
        }

        var exception = Assert.Throws<ApiAccessException>(() => Kubeconfig.Read(Write("server: \"https://a\"", user.Replace("{0}", "pipe", StringComparison.Ordinal))));

        Assert.Contains($"{expected} {_directory["pipe"]} is a pipe, not a file. Fix the path", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UsernameAndPassword_GivesAnAuthorizationHeader()
    {
        ApiEndpoint endpoint = Kubeconfig.Read(Write("server: \"https://a\"", "username: me, password: \"s:é\""));

        Assert.Equal($"Basic {Convert.ToBase64String("me:s:é"u8)}", endpoint.Authorization?.ToString());
        Assert.Equal($"the username and password of user u in {_directory["config"]}", endpoint.CredentialsOrigin);
    }

    /// <summary>Two authorities are valid while one replaces the other.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetAsync_TwoAuthorities_TrustsBoth(bool isData)
    {
        using ApiServerDouble server = await StartAsync();
        using var others = new TestCertificates("localhost", "the authority before");
        await File.WriteAllTextAsync(_directory["ca.crt"], await File.ReadAllTextAsync(others.CaFile, Stopping) + "\n" + await File.ReadAllTextAsync(_certificates.CaFile, Stopping), Stopping);
        string authority = isData ? $"certificate-authority-data: {Convert.ToBase64String(await File.ReadAllBytesAsync(_directory["ca.crt"], Stopping))}" : "certificate-authority: ca.crt";
        using var sut = new ApiClient(new ApiAccess(Write($"server: \"https://localhost:{server.Address.Port}\", {authority}", "token: t"), "/nowhere", _ => null));

        using HttpResponseMessage answer = await sut.GetAsync("/api/v1/pods", "application/json", Stopping);

        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public void UseCertificatesOf_InvalidPem_NamesTheProblem()
    {
        var endpoint = new ApiEndpoint(new Uri("https://a"));

        Assert.Contains("authority", Assert.Throws<ApiAccessException>(() => new ApiTls().UseCertificatesOf(endpoint with { AuthoritiesPem = "x" })).Message, StringComparison.Ordinal);
        Assert.Contains("PEM", Assert.Throws<ApiAccessException>(() => new ApiTls().UseCertificatesOf(endpoint with { CertificatePem = "x", KeyPem = "x" })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("::1", "https://[::1]/")]
    [InlineData("10.0.0.1", "https://10.0.0.1/")]
    public void ReadEndpoint_ServiceAccount_AcceptsIPv4AndIPv6Addresses(string host, string expected)
    {
        File.WriteAllText(_directory["ca.crt"], "x");
        File.WriteAllText(_directory["token"], "t");

        Assert.Equal(expected, new ApiAccess("", _directory, name => name == "KUBERNETES_SERVICE_HOST" ? host : null).ReadEndpoint().Server.AbsoluteUri);
        Assert.Contains("not a port number", Assert.Throws<ApiAccessException>(() => new ApiAccess("", _directory, _ => "x y").ReadEndpoint()).Message, StringComparison.Ordinal);
    }

    private Task<ApiServerDouble> StartAsync(bool needsClientCertificate = false) => ApiServerDouble.StartAsync(listen => listen.UseHttps(https =>
    {
        https.ServerCertificate = _certificates.Server;
        https.ClientCertificateMode = needsClientCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
        https.AllowAnyClientCertificate();
    }));

    private string Write(string cluster, string user)
    {
        File.WriteAllText(_directory["config"], $$$"""
            current-context: main
            contexts: [{name: main, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {{{{cluster}}}}}]
            users: [{name: u, user: {{{{user}}}}}]
            """);
        return _directory["config"];
    }
}
