using System.Security.Cryptography.X509Certificates;

namespace Shipper.Net;

/// <summary>Checks a server's certificate against the configured certificate authorities instead of the system's.</summary>
internal static class CustomRoots
{
    /// <summary>Returns the reason why no configured authority issued a certificate; null if one did.</summary>
    /// <param name="server">The server's certificate. Its host name is not checked here.</param>
    /// <param name="received">The chain that the connection built; it may contain intermediate certificates.</param>
    /// <param name="authorities">The certificate authorities. All are trusted, so that two can be valid while one replaces the other.</param>
    public static string? FindProblem(X509Certificate2 server, X509Chain? received, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (X509ChainElement element in received?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(server) ? null : DescribeStatus(chain);
    }

    /// <summary>Describes the errors that a chain's check found, for messages; empty if it found none.</summary>
    public static string DescribeStatus(X509Chain? chain) => string.Join(", ", chain?.ChainStatus.Select(status => status.StatusInformation.Trim()) ?? []);
}
