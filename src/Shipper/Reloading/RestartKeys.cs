using Shipper.Agents;

namespace Shipper.Reloading;

/// <summary>What a running agent can't change: where its positions are, and the port that probes and Prometheus know.</summary>
internal static class RestartKeys
{
    /// <summary>Sets back what needs a restart.</summary>
    /// <param name="wanted">The new options; get the old values.</param>
    /// <param name="current">The options in use.</param>
    /// <returns>What was set back, for people.</returns>
    public static IReadOnlyList<string> Keep(AgentOptions wanted, AgentOptions current)
    {
        var kept = new List<string>();
        if (wanted.State.Path != current.State.Path)
        {
            kept.Add($"state.path ({wanted.State.Path}; {current.State.Path} is in use)");
            wanted.State.Path = current.State.Path;
        }

        if (wanted.Listen != current.Listen)
        {
            kept.Add($"server.listen ({wanted.Listen}; {current.Listen} is in use)");
            wanted.Listen = current.Listen;
        }

        return kept;
    }
}
