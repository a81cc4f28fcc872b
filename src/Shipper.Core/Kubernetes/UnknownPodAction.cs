namespace Shipper.Kubernetes;

/// <summary>What happens to the logs of a pod that the agent does not know yet.</summary>
internal enum UnknownPodAction
{
    /// <summary>The logs are sent.</summary>
    Ship,

    /// <summary>The logs are not read until the pod is known, or the API server is connected and does not know it.</summary>
    Hold,
}
