namespace Shipper.Net;

/// <summary>Thrown if a file with a secret can't be used. The message names the configuration key and the path, and never shows the content.</summary>
internal sealed class SecretFileException(string message) : Exception(message);
