namespace Shipper.Processing.Rules.Probes;

/// <summary>
/// The keys of access logs in JSON and logfmt: nginx, Envoy, Istio, Traefik, Caddy, Kong, Spring, ASP.NET Core, Serilog, Echo, gin, zap, slog, pino, bunyan,
/// uvicorn, Rails (lograge), Kubernetes, Google Cloud, the Elastic common schema, OpenTelemetry.
/// </summary>
internal static class RequestKeys
{
    private static readonly WordList StatusEnds = new("status", "statuscode");
    private static readonly WordList Status = new("responsecode", "httpcode", "resp");

    private static readonly WordList Target = new(
        "path", "uri", "url", "target", "endpoint", "requestpath", "requesturi", "requesturl", "requesttarget", "reqpath", "requri", "requrl", "httppath", "httpuri",
        "httpurl", "httptarget", "httprequestpath", "httprequesturi", "urlpath", "urlfull", "urloriginal", "originalpath", "xenvoyoriginalpath");

    private static readonly WordList Request = new("request", "requestline", "req");
    private static readonly WordList Method = new("method", "verb", "requestmethod", "reqmethod", "httpmethod", "httprequestmethod");
    private static readonly WordList Agent = new("agent", "ua", "useragentoriginal");
    private static readonly WordList Message = new("message", "msg", "log", "@m", "renderedmessage", "textpayload");
    private static readonly WordList Error = new("error", "err", "exception", "errormessage", "@x");

    /// <summary>Classifies a key.</summary>
    /// <param name="key">The key in lower case, without <c>_</c>, <c>-</c> and <c>.</c>.</param>
    public static RequestField Classify(ReadOnlySpan<byte> key) =>
        StatusEnds.EndsIn(key) || Status.Contains(key) ? RequestField.Status
        : Target.Contains(key) ? RequestField.Target
        : Request.Contains(key) ? RequestField.Request
        : Method.Contains(key) ? RequestField.Method
        : key.EndsWith("useragent"u8) || Agent.Contains(key) ? RequestField.Agent
        : Message.Contains(key) ? RequestField.Message
        : Error.Contains(key) ? RequestField.Error
        : key.SequenceEqual("original"u8) ? RequestField.Original
        : RequestField.None;
}
