namespace Shipper.Benchmarks.Suite;

/// <summary>Another agent, measured with the same input and the same receiver.</summary>
/// <param name="name">The name in the results.</param>
/// <param name="command">
/// A shell command in which <c>{root} {url} {state} {api}</c> are replaced with the directory that has <c>containers/*.log</c>, the address
/// to push to, an empty directory, and the address of the API server.
/// </param>
internal sealed class Peer(string name, string command) : MeasuredAgent(name)
{
    /// <summary>The targets: how many times the lines per CPU second of the peer with this name our agent must reach.</summary>
    public static readonly IReadOnlyDictionary<string, double> Targets = new Dictionary<string, double>(StringComparer.Ordinal) { ["fluent-bit-gzip"] = 20, ["vlagent"] = 6 };

    public override bool IsOurs => false;

    /// <summary>True if our agent must not use more memory than this peer.</summary>
    public bool LimitsMemory => Name == "fluent-bit-gzip";

    /// <summary>The multiple of its lines per CPU second that is the target; null if there is no target.</summary>
    public double? TargetRatio => Targets.TryGetValue(Name, out double ratio) ? ratio : null;

    /// <param name="text">NAME=COMMAND.</param>
    /// <returns>The peer; null if the text has another form.</returns>
    public static Peer? Parse(string text) => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } command] ? new Peer(name, command) : null;

    public override string Prepare(AgentSetting setting) => command
        .Replace("{root}", setting.Root, StringComparison.Ordinal)
        .Replace("{url}", setting.Receiver.ToString().TrimEnd('/'), StringComparison.Ordinal)
        .Replace("{state}", setting.State, StringComparison.Ordinal)
        .Replace("{api}", setting.Api.ToString().TrimEnd('/'), StringComparison.Ordinal);
}
