namespace Shipper.Loki;

/// <summary>HTTP basic authentication: section <c>loki.basicAuth</c> of the configuration.</summary>
internal sealed class BasicAuthOptions
{
    /// <summary>User name; if it is empty, basic authentication is off.</summary>
    public string Username { get; set; } = "";

    /// <summary>File with the password, read again for each push.</summary>
    public string PasswordFile { get; set; } = "";
}
