using Shipper.Agents;

namespace Shipper.Reloading;

/// <summary>The options that a running agent can't change: the directory of its positions, and the port that probes and Prometheus know.</summary>
internal static class RestartKeys
{
    /// <summary>Sets the options that need a restart back to their current values.</summary>
    /// <param name="wanted">The new options. They receive the current values.</param>
    /// <param name="current">The options in use.</param>
    /// <returns>The keys that were set back, with both values, for a message.</returns>
    public static IReadOnlyList<string> RestoreCurrent(AgentOptions wanted, AgentOptions current)
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
