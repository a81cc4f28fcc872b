namespace Shipper.Kubernetes.Api;

/// <summary><c>lastState</c> of a container.</summary>
internal sealed class LastState
{
    public TerminatedState? Terminated { get; set; }
}
