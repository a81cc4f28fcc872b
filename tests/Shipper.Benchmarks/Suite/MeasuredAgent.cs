namespace Shipper.Benchmarks.Suite;

/// <summary>An agent that is measured: the published program, or a peer.</summary>
internal abstract class MeasuredAgent(string name)
{
    public string Name { get; } = name;

    public abstract bool IsOurs { get; }

    /// <summary>Prepares what it needs in its state directory.</summary>
    /// <returns>The shell command that starts it.</returns>
    public abstract string Prepare(AgentSetting setting);
}
