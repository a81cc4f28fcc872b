namespace Shipper.Checkpoints;

/// <summary>Where the agent keeps what it needs after a restart: section <c>state</c> of the configuration.</summary>
internal sealed class StateOptions
{
    /// <summary>Directory of the checkpoints. It must outlive the pod and belong to one agent only.</summary>
    public string Path { get; set; } = "/var/lib/shipper";
}
