namespace Shipper.Kubernetes.Api;

/// <summary>Result of a list or watch request.</summary>
/// <param name="Verdict">What to do next.</param>
/// <param name="Status">The HTTP status, or <c>error</c> or <c>timeout</c>.</param>
/// <param name="Message">Message of the API server or of the connection error.</param>
/// <param name="RetryAfter">Wait that the API server asks for (<c>Retry-After</c>).</param>
internal sealed record RequestResult(RequestVerdict Verdict, string Status, string Message, TimeSpan RetryAfter = default)
{
    /// <summary>The verb of the request: list or watch.</summary>
    public string Verb { get; init; } = "";

    /// <summary>True if the message contains the remedy: the problem is in the kubeconfig, a file or a command, not in the connection.</summary>
    public bool HasRemedy { get; init; }
}
