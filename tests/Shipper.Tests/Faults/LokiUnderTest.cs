using Shipper.Testing.Loki;

namespace Shipper.Tests.Faults;

/// <summary>Chooses the Loki of a run.</summary>
internal static class LokiUnderTest
{
    /// <summary>The labels of a pod's stream.</summary>
    public static string Labels(string cluster, string pod) =>
        $"{{cluster=\"{cluster}\", container=\"main\", environment=\"ci\", namespace=\"default\", node=\"node-1\", pod=\"{pod}\"}}";

    /// <summary>Starts a double that keeps every copy. The real Loki discards some copies, but the agent must not send any.</summary>
    public static Task<LokiDouble> StartDoubleAsync(LokiLimits? limits = null)
    {
        limits ??= new LokiLimits();
        limits.BlockBytes = 0;
        return LokiDouble.StartAsync(limits);
    }

    /// <summary>Returns the real Loki if <c>LOKI_URL</c> names one, else a double.</summary>
    public static async Task<ILokiUnderTest> StartAsync() =>
        Environment.GetEnvironmentVariable("LOKI_URL") is { Length: > 0 } url ? new RealLoki(new Uri(url)) : new LokiDoubleAdapter(await StartDoubleAsync());
}
