namespace Shipper.Proxies;

/// <summary>
/// The proxies that the environment names, as Go's programs read it: <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and <c>NO_PROXY</c>, in upper or lower case.
/// </summary>
/// <remarks>Thread-safe; does not change.</remarks>
internal sealed class EnvironmentProxies
{
    private readonly NoProxyList _direct;
    private readonly ProxyAddress? _http;
    private readonly string? _httpProblem;
    private readonly ProxyAddress? _https;
    private readonly string? _httpsProblem;

    /// <param name="getVariable">Gives an environment variable.</param>
    public EnvironmentProxies(Func<string, string?> getVariable)
    {
        _direct = new NoProxyList(Find(getVariable, "NO_PROXY").Value);
        _http = Read(Find(getVariable, "HTTP_PROXY"), out _httpProblem);
        _https = Read(Find(getVariable, "HTTPS_PROXY"), out _httpsProblem);
        if (_http is not null && !string.IsNullOrEmpty(getVariable("REQUEST_METHOD")))
        {
            // A web server passes the header Proxy of anybody's request to its CGI programs as HTTP_PROXY: https://httpoxy.org.
            _http = null;
            _httpProblem = "HTTP_PROXY is not used, because REQUEST_METHOD is set, as a web server does for programs that it starts; unset one of them";
        }
    }

    /// <summary>The proxies of this process.</summary>
    public static EnvironmentProxies Current { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>Finds the proxy for a URL; null if the connection is direct.</summary>
    public ProxyAddress? Find(Uri target) => IsDirect(target) ? null : target.Scheme == Uri.UriSchemeHttps ? _https : _http;

    /// <summary>Says what is wrong with the variable that names the proxy for a URL; null if nothing is, or if the connection is direct.</summary>
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
