namespace Shipper.Processing.Rules.Probes;

/// <summary>
/// The paths of health checks. Sources: the documentation of Kubernetes, Spring Boot, Quarkus, MicroProfile, Micronaut, ASP.NET Core, Rails, Laravel,
/// Prometheus, GitLab, Istio and gRPC.
/// </summary>
internal static class ProbePaths
{
    private static readonly WordList Usual = new("/live", "/liveness", "/ready", "/readiness", "/alive", "/ping", "/status", "/heartbeat", "/up");
    private static readonly WordList Certain = new("/_health", "/healthcheck", "/health-check", "/health_check");

    // Nothing else has these names. They may be under any path.
    private static readonly WordList CertainEnds =
        new("/healthz", "/livez", "/readyz", "/actuator/health", "/-/healthy", "/-/ready", "/-/health", "/-/liveness", "/-/readiness");

    // The name of a check may follow.
    private static readonly WordList CertainBegins = new("/healthz/", "/livez/", "/readyz/");
    private static readonly WordList HealthEnds = new("", "/live", "/liveness", "/ready", "/readiness", "/startup", "/started");
    private static readonly WordList ScrapeEnds = new("/metrics", "/prometheus");

    /// <summary>Classifies a path. Only whole segments count: <c>/api/healthcare</c> is no probe.</summary>
    /// <param name="target">The path, with or without a query.</param>
    public static ProbePath Classify(ReadOnlySpan<byte> target)
    {
        int end = target.IndexOfAny((byte)'?', (byte)'#', (byte)';');
        ReadOnlySpan<byte> path = (end < 0 ? target : target[..end]).TrimEnd((byte)'/');
        return Usual.Contains(path) ? (end < 0 ? ProbePath.Usual : ProbePath.Other)
            : ScrapeEnds.EndsIn(path) ? ProbePath.Scrape
            : path.SequenceEqual("/grpc.health.v1.Health/Check"u8) ? ProbePath.Grpc
            : IsCertain(path) ? ProbePath.Certain
            : ProbePath.Other;
    }

    private static bool IsCertain(ReadOnlySpan<byte> path) =>
        CertainEnds.EndsIn(path) || CertainBegins.BeginsIn(path) || Certain.Contains(path) || path.IndexOf("/actuator/health/"u8) >= 0 || IsHealth(SkipVersion(path));

    private static bool IsHealth(ReadOnlySpan<byte> path) => path.StartsWith("/health"u8) && HealthEnds.Contains(path["/health"u8.Length..]);

    /// <summary>Skips <c>/api</c>, <c>/q</c> (Quarkus) and the version of an interface, such as <c>/v1</c>.</summary>
    private static ReadOnlySpan<byte> SkipVersion(ReadOnlySpan<byte> path)
    {
        path = path.StartsWith("/api/"u8) ? path["/api"u8.Length..] : path.StartsWith("/q/"u8) ? path["/q"u8.Length..] : path;
        return path.Length > 3 && path[1] == 'v' && char.IsAsciiDigit((char)path[2]) && path[3] == '/' ? path[3..] : path;
    }
}
