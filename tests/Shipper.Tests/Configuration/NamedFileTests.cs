using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Shipper.Testing;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Configuration;

/// <summary>The files that a configuration refers to.</summary>
public sealed class NamedFileTests : IDisposable
{
    private const string Start = "cluster: c\nloki:\n  url: https://a\n";

    private readonly ConfigurationFile _sut = new();
    private readonly TestCertificates _certificates = new("localhost");

    public void Dispose()
    {
        _sut.Dispose();
        _certificates.Dispose();
    }

    [Theory]
    [InlineData("basicAuth: {{username: a, passwordFile: {0}}}", 42, "loki.basicAuth.passwordFile {0} can't be read: No such file or directory")]
    [InlineData("bearerTokenFile: {0}", 20, "loki.bearerTokenFile {0} can't be read: No such file or directory")]
    [InlineData("tls: {{caFile: {0}}}", 17, "loki.tls.caFile {0} can't be used: No such file or directory")]
    public async Task Validate_FileMissing_ReportsError(string key, int column, string message)
    {
        string path = _sut["missing"];
        await _sut.AssertRefusedAsync(Start + "  " + Format(key, path), 4, column, Format(message, path));
        await _sut.AssertValidAsync(Start + "  " + Format(key, path), "--skip-files");
    }

    [Fact]
    public async Task Validate_CertificateAndKeyMissing_ReportsBoth()
    {
        CommandResult result = await _sut.ValidateAsync($"{Start}  tls: {{certFile: /nowhere/a, keyFile: /nowhere/b}}");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            $"{_sut.Path}:4:19: loki.tls.certFile /nowhere/a can't be used: No such file or directory\n{_sut.Path}:4:40: loki.tls.keyFile /nowhere/b can't be used: No such file or directory\n",
            result.Output);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\n", "is empty")]
    [InlineData("a\nb\n", "has more than one line")]
    public async Task Validate_FileWithoutSecret_ReportsError(string content, string message)
    {
        string path = _sut.Write("secret", content);
        await _sut.AssertRefusedAsync($"{Start}  basicAuth: {{username: a, passwordFile: {path}}}", 4, 42, message);
        await _sut.AssertRefusedAsync($"{Start}  bearerTokenFile: {path}", 4, 20, message);
    }

    [Theory]
    [InlineData("caFile: {0}", "not PEM at all", "it holds no certificate in PEM")]
    [InlineData("caFile: {0}", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n", "it is damaged")]
    public async Task Validate_FileWithoutCertificate_ReportsError(string key, string content, string message) =>
        await _sut.AssertRefusedAsync($"{Start}  tls: {{{Format(key, _sut.Write("pem", content))}}}", 4, 17, message);

    /// <summary>Opening a pipe would block forever.</summary>
    [Fact]
    public async Task Validate_DirectoryOrPipeInsteadOfFile_ReportsError()
    {
        string pipe = _sut["pipe"];
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await _sut.AssertRefusedAsync($"{Start}  bearerTokenFile: {_sut.Directory}", 4, 20, "is a directory, not a file");
        await _sut.AssertRefusedAsync($"{Start}  bearerTokenFile: {pipe}", 4, 20, "is a pipe, not a file");
        await _sut.AssertRefusedAsync($"{Start}  tls: {{caFile: {pipe}}}", 4, 17, "it is a pipe, not a file");
        await _sut.AssertRefusedAsync($"cluster: c\nkubernetes: {{kubeconfig: {pipe}}}", 2, 26, "is a pipe, not a file");
    }

    [Fact]
    public async Task Validate_KeyOfAnotherCertificate_ReportsError()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string other = _sut.Write("other.key", key.ExportPkcs8PrivateKeyPem());
        string encrypted = _sut.Write("encrypted.key", key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));

        await _sut.AssertValidAsync($"{Start}  tls: {{caFile: {_certificates.CaFile}, certFile: {_certificates.ClientFile}, keyFile: {_certificates.ClientKeyFile}}}");
        await _sut.AssertRefusedAsync($"{Start}  tls: {{certFile: {_certificates.ClientFile}, keyFile: {other}}}", 4, 19, $"the key in {other} is damaged or belongs to another certificate");
        CommandResult result = await _sut.ValidateAsync($"{Start}  tls: {{certFile: {_certificates.ClientFile}, keyFile: {encrypted}}}");
        Assert.Contains("it is encrypted, and the agent has no password for it", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public async Task Validate_ExpiredCertificate_Warns()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=old", key, HashAlgorithmName.SHA256);
        using X509Certificate2 old = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2021, 2, 3, 0, 0, 0, TimeSpan.Zero));

        await _sut.AssertWarnedAsync($"{Start}  tls: {{caFile: {_sut.Write("old.crt", old.ExportCertificatePem())}}}", 4, 17, "has expired: it was valid until 2021-02-03; renew it");
    }

    [Fact]
    public async Task Validate_KubeconfigMissing_ReportsError() =>
        await _sut.AssertRefusedAsync("cluster: c\nkubernetes: {kubeconfig: /nowhere/config}", 2, 26, "kubernetes.kubeconfig /nowhere/config can't be read");

    [Fact]
    public async Task Validate_PathOfTheWrongKind_ReportsIt()
    {
        await _sut.AssertRefusedAsync($"cluster: c\nstate: {{path: {_sut.Write("file", "")}}}", 2, 15, "can't be used: it is a file, but the checkpoints need a directory");
        await _sut.AssertWarnedAsync($"cluster: c\nsources: {{files: [{{include: [{_sut.Directory}]}}]}}", 2, 29, $"is a directory, but the agent needs globs of files; write {_sut.Directory}/*.log");
        Assert.SkipUnless(Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm").DriveFormat == "tmpfs", "There is no tmpfs at /dev/shm.");
        await _sut.AssertWarnedAsync("cluster: c\nstate: {path: /dev/shm/none/state}", 2, 15, "is in memory (tmpfs)");
    }

    [Theory]
    [InlineData("validate --skip-files")]
    [InlineData("validate")]
    [InlineData("validate a b")]
    [InlineData("validate a --config b")]
    public async Task Validate_NotExactlyOneFile_ExitsWith2AndHint(string arguments)
    {
        CommandResult result = await ShipperProgram.RunAsync(arguments.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("shipper validate --help", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Without the certificate every connection would fail, so there is nothing to wait for.</summary>
    [Fact]
    public async Task Run_CaFileMissing_ExitsWith2()
    {
        _sut.Write("shipper.yaml", $"{Start}  tls: {{caFile: /nowhere/ca.crt}}");

        CommandResult result = await ShipperProgram.RunAsync("run", "--config", _sut.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"{_sut.Path}:4:17: loki.tls.caFile /nowhere/ca.crt can't be used: No such file or directory\n", result.Error);
    }

    /// <summary>A Secret may be mounted, or written by another program, after the agent has started.</summary>
    [Fact]
    public async Task Run_PasswordFileMissing_ReportsItAndSendsOnceItExists()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        new CriWriter(node.AddContainer("web-1")).Write(3);
        string password = Path.Combine(node.Root, "password");
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address, lokiYaml: $"  basicAuth: {{username: me, passwordFile: {password}}}");

        await sut.WaitForLogAsync($"loki.basicAuth.passwordFile {password} can't be read: No such file or directory. The agent reads it again before each push, and sends nothing until it can be read");
        await sut.WaitUntilReadyAsync();
        await File.WriteAllTextAsync(password, "secret\n", TestContext.Current.CancellationToken);
        await sut.WaitUntilAsync(() => loki.Count() == 3);

        Assert.Single(sut.Log, line => line.Contains("Configuration", StringComparison.Ordinal));
    }

    private static string Format(string text, string path) => text.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal).Replace("{0}", path, StringComparison.Ordinal);
}
