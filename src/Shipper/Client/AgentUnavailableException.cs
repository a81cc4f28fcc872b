namespace Shipper.Client;

/// <summary>A running agent gave no answer that can be used. The message says why and what to do.</summary>
internal sealed class AgentUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True if the agent refused the question itself: asking again is useless.</summary>
    public bool IsRefusal { get; init; }
}
