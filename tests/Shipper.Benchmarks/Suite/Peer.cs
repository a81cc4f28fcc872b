namespace Shipper.Benchmarks.Suite;

/// <summary>Another agent, on the same input and with the same receiver.</summary>
/// <param name="name">What it is called in the results.</param>
/// <param name="command">
/// A shell command, in which <c>{root} {url} {state} {api}</c> are replaced: the directory that has <c>containers/*.log</c>, where to
/// push, an empty directory, the API server.
/// </param>
internal sealed class Peer(string name, string command) : MeasuredAgent(name)
{
    /// <summary>How a peer is called whose lines per CPU second ours are to be a multiple of.</summary>
    public static readonly IReadOnlyDictionary<string, double> Targets = new Dictionary<string, double>(StringComparer.Ordinal) { ["fluent-bit-gzip"] = 20, ["vlagent"] = 6 };

    public override bool IsOurs => false;

    /// <summary>Whether ours may have at most its memory.</summary>
    public bool LimitsMemory => Name == "fluent-bit-gzip";

    /// <summary>How many times its lines per CPU second are wanted; null: only compared.</summary>
    public double? TargetRatio => Targets.TryGetValue(Name, out double ratio) ? ratio : null;

    /// <param name="text">NAME=COMMAND.</param>
    /// <returns>Null where it is something else.</returns>
    public static Peer? Read(string text) => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } command] ? new Peer(name, command) : null;

    public override string Prepare(AgentSetting setting) => command
        .Replace("{root}", setting.Root, StringComparison.Ordinal)
        .Replace("{url}", setting.Receiver.ToString().TrimEnd('/'), StringComparison.Ordinal)
        .Replace("{state}", setting.State, StringComparison.Ordinal)
        .Replace("{api}", setting.Api.ToString().TrimEnd('/'), StringComparison.Ordinal);
}
