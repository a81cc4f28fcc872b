namespace Shipper.Loki;

/// <summary>A file with credentials can't be read. The message names its key and path.</summary>
internal sealed class CredentialsException(string message) : Exception(message);
