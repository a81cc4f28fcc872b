namespace Shipper.Kubernetes.Api;

/// <summary>How the API server says that something failed: the body of an error, and the object of an <c>ERROR</c> event.</summary>
internal sealed class ApiStatus
{
    public int Code { get; set; }

    public string? Message { get; set; }

    public string? Reason { get; set; }
}
