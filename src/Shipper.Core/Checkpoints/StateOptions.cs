namespace Shipper.Checkpoints;

/// <summary>Where the agent stores what it needs after a restart: section <c>state</c> of the configuration.</summary>
internal sealed class StateOptions
{
    /// <summary>Directory of the checkpoints. It must outlive the pod, and only one agent may use it.</summary>
    public string Path { get; set; } = "/var/lib/shipper";
}
