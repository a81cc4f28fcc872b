using System.Security.Cryptography.X509Certificates;

namespace Shipper.Net;

/// <summary>Checks a server's certificate against configured authorities instead of those of the system.</summary>
internal static class CustomRoots
{
    /// <summary>Says why a certificate does not come from one of the authorities; null if it does.</summary>
    /// <param name="server">The server's certificate. Its name is not checked here.</param>
    /// <param name="received">The chain that the connection built; its certificates may be missing links.</param>
    /// <param name="authorities">The authorities. All of them are trusted, so that two can be valid while one replaces the other.</param>
    public static string? FindRefusal(X509Certificate2 server, X509Chain? received, X509Certificate2Collection authorities)
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

    /// <summary>What a chain's check found, for messages; empty if it found nothing.</summary>
    public static string DescribeStatus(X509Chain? chain) => string.Join(", ", chain?.ChainStatus.Select(status => status.StatusInformation.Trim()) ?? []);
}
