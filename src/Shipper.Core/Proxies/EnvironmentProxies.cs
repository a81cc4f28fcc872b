namespace Shipper.Proxies;

/// <summary>
/// The proxies of the environment variables <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and <c>NO_PROXY</c>, in upper or lower case, as Go programs read them.
/// </summary>
/// <remarks>Thread-safe; immutable.</remarks>
internal sealed class EnvironmentProxies
{
    private readonly NoProxyList _direct;
    private readonly ProxyAddress? _http;
    private readonly string? _httpProblem;
    private readonly ProxyAddress? _https;
    private readonly string? _httpsProblem;

    /// <param name="getVariable">Returns the value of an environment variable.</param>
    public EnvironmentProxies(Func<string, string?> getVariable)
    {
        _direct = new NoProxyList(Find(getVariable, "NO_PROXY").Value);
        _http = Read(Find(getVariable, "HTTP_PROXY"), out _httpProblem);
        _https = Read(Find(getVariable, "HTTPS_PROXY"), out _httpsProblem);
        if (_http is not null && !string.IsNullOrEmpty(getVariable("REQUEST_METHOD")))
        {
            // A web server passes the Proxy header of any client's request to CGI programs as HTTP_PROXY: https://httpoxy.org.
            _http = null;
            _httpProblem = "HTTP_PROXY is ignored because REQUEST_METHOD is set, as it is in programs that a web server starts; unset one of the two";
        }
    }

    /// <summary>The proxies in the environment of this process.</summary>
    public static EnvironmentProxies Current { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>Finds the proxy for a URL; null if the connection is direct.</summary>
    public ProxyAddress? Find(Uri target) => IsDirect(target) ? null : target.Scheme == Uri.UriSchemeHttps ? _https : _http;

    /// <summary>Describes what is wrong with the variable that sets the proxy for a URL; null if it is valid or if the connection is direct.</summary>
    public string? FindProblem(Uri target) => IsDirect(target) ? null : target.Scheme == Uri.UriSchemeHttps ? _httpsProblem : _httpProblem;

    private bool IsDirect(Uri target) => _direct.Contains(target);

    private static ProxyAddress? Read((string Name, string Value) variable, out string? problem)
    {
        problem = null;
        return variable.Value.Length == 0 ? null : ProxyAddress.Read(variable.Name, variable.Value, out problem);
    }

    private static (string Name, string Value) Find(Func<string, string?> getVariable, string name)
    {
        foreach (string written in (string[])[name, name.ToLowerInvariant()])
        {
            if (getVariable(written)?.Trim() is { Length: > 0 } value)
            {
                return (written, value);
            }
        }

        return (name, "");
    }
}
