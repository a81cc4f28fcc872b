namespace Shipper.Kubernetes.Api;

/// <summary>How a list or watch ended.</summary>
/// <param name="Verdict">What it means.</param>
/// <param name="Status">The HTTP status, or <c>error</c> or <c>timeout</c>.</param>
/// <param name="Message">What the API server or the connection said.</param>
/// <param name="RetryAfter">How long the API server asks to wait.</param>
internal sealed record RequestResult(RequestVerdict Verdict, string Status, string Message, TimeSpan RetryAfter = default)
{
    /// <summary>The verb of the request: list or watch.</summary>
    public string Verb { get; init; } = "";

    /// <summary>True if the message says what to do: the fault is in the kubeconfig, a file or a command, and not on the way to the API server.</summary>
    public bool HasRemedy { get; init; }
}
