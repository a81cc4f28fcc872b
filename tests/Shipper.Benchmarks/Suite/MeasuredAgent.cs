namespace Shipper.Benchmarks.Suite;

/// <summary>An agent that is measured: the published program, or a peer.</summary>
internal abstract class MeasuredAgent(string name)
{
    public string Name { get; } = name;

    public abstract bool IsOurs { get; }

    /// <summary>Writes what the agent needs to its state directory.</summary>
    /// <returns>The shell command that starts the agent.</returns>
    public abstract string Prepare(AgentSetting setting);
}
