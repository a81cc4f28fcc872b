namespace Shipper.Kubernetes;

/// <summary>What happens to the logs of a pod of which nothing is known yet.</summary>
internal enum UnknownPod
{
    /// <summary>They are sent.</summary>
    Ship,

    /// <summary>They wait.</summary>
    Hold,
}
