namespace Shipper.Net;

/// <summary>A file with a secret can't be used. The message names its key and path, and never what is in it.</summary>
internal sealed class SecretFileException(string message) : Exception(message);
