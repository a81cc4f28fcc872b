namespace Shipper.Kubernetes.Api;

/// <summary>Thrown if the address or the credentials of the API server can't be read. The message names the problem and the remedy.</summary>
internal sealed class ApiAccessException(string message, Exception? inner = null) : Exception(message, inner);
