namespace Shipper.Kubernetes.Api;

/// <summary>The way to the API server can't be read from where it is described. The message names what, and the remedy.</summary>
internal sealed class ApiAccessException(string message, Exception? inner = null) : Exception(message, inner);
