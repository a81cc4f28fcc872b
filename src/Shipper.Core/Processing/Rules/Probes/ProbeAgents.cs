namespace Shipper.Processing.Rules.Probes;

/// <summary>The user agents of probes. Sources: Kubernetes, the load balancers of AWS, Google Cloud and Azure, Consul, Envoy, Prometheus, VictoriaMetrics.</summary>
internal static class ProbeAgents
{
    /// <summary>How the user agents of probes begin.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "kube-probe/", "ELB-HealthChecker/", "Amazon-Route53-Health-Check-Service", "GoogleHC/", "Google-HC", "GoogleStackdriverMonitoring-UptimeChecks",
        "Edge Health Probe", "Consul Health Check", "Envoy/HC",
    ];

    /// <summary>How the user agents of probes begin.</summary>
    public static WordList Probes { get; } = new([.. Names]);

    /// <summary>How the user agents of scrapers begin, which are probes only if they ask for metrics.</summary>
    public static WordList Scrapers { get; } = new("Prometheus/", "vm_promscrape");
}
