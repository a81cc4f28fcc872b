using System.Security.Cryptography.X509Certificates;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>The script that creates certificates. It requires openssl.</summary>
public class CertificateTests
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private static readonly string Script = Path.Combine(Repository.Config, "tls/make-certificates.sh");

    [Fact]
    public async Task Script_RunTwice_CreatesCertificatesAndKeepsThem()
    {
        Assert.SkipUnless(Helm.FindOnPath("openssl").Any(), "openssl is not installed.");
        string directory = Directory.CreateTempSubdirectory("shipper-certificates-").FullName;
        string[] arguments = [Script, directory, "192.168.64.104,loki.logging.svc.cluster.local", "app-cluster", "grafana"];

        CommandResult first = await Helm.RunAsync("/bin/sh", arguments);
        string key = await File.ReadAllTextAsync(Path.Combine(directory, "loki/tls.key"), TestContext.Current.CancellationToken);
        CommandResult second = await Helm.RunAsync("/bin/sh", arguments);

        Assert.True(first.ExitCode == 0 && second.ExitCode == 0, first.Error + second.Error);
        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(directory, "loki/tls.key"), TestContext.Current.CancellationToken));
        AssertCertificate(directory, "loki", ServerUsage);
        AssertCertificate(directory, "app-cluster", ClientUsage);
        AssertCertificate(directory, "grafana", ClientUsage);
        using X509Certificate2 server = X509Certificate2.CreateFromPemFile(Path.Combine(directory, "loki/tls.crt"), Path.Combine(directory, "loki/tls.key"));
        Assert.True(server.MatchesHostname("192.168.64.104", allowWildcards: false, allowCommonName: false));
        Assert.True(server.MatchesHostname("loki.logging.svc.cluster.local", allowWildcards: false, allowCommonName: false));
        Assert.False(server.MatchesHostname("grafana", allowWildcards: false, allowCommonName: false));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Script_WithoutArguments_PrintsUsage()
    {
        CommandResult result = await Helm.RunAsync("/bin/sh", Script);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("make-certificates.sh DIRECTORY", result.Error, StringComparison.Ordinal);
    }

    private static void AssertCertificate(string directory, string name, string usage)
    {
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory, name, "ca.crt"));
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(Path.Combine(directory, name, "tls.crt"), Path.Combine(directory, name, "tls.key"));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new(usage));

        Assert.True(chain.Build(certificate), string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory, name, "tls.key")));
    }
}
