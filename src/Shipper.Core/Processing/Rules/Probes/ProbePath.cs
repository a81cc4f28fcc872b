namespace Shipper.Processing.Rules.Probes;

/// <summary>What the path of a request says about who sent it.</summary>
internal enum ProbePath
{
    /// <summary>Anybody may have sent it.</summary>
    Other,

    /// <summary>Metrics: a scrape, if the client is a scraper.</summary>
    Scrape,

    /// <summary>Usually a probe, but a page may have this path, such as <c>/status</c>. A query makes it a page.</summary>
    Usual,

    /// <summary>A probe.</summary>
    Certain,

    /// <summary>A probe that is a POST: gRPC.</summary>
    Grpc,
}
