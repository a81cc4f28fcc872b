using Shipper.Status;
using Shipper.Status.Explaining;

namespace Shipper.Http;

/// <summary>What the HTTP endpoints show of the running agent. Thread-safe.</summary>
internal interface IAgentView
{
    /// <summary>Why the agent is not ready; null once it is.</summary>
    string? NotReadyReason { get; }

    /// <summary>The effective configuration as YAML, with secrets as <c>***</c>.</summary>
    string EffectiveConfig { get; }

    /// <summary>Returns what the agent is doing.</summary>
    Task<AgentStatus> GetStatusAsync(CancellationToken stopping);

    /// <inheritdoc cref="StatusReporter.GetUnorderedAsync"/>
    Task<AgentStatus> GetUnorderedStatusAsync(CancellationToken stopping);

    /// <summary>Explains why the logs of a pod do or do not reach Loki.</summary>
    /// <param name="container">The container; null for all of the pod.</param>
    Task<Explanation> ExplainAsync(string @namespace, string pod, string? container, CancellationToken stopping);
}
