namespace Shipper.Kubernetes.Api;

/// <summary>The API server's description of a failure: the body of an error response, and the object of an <c>ERROR</c> event.</summary>
internal sealed class ApiStatus
{
    public int Code { get; set; }

    public string? Message { get; set; }

    public string? Reason { get; set; }
}
