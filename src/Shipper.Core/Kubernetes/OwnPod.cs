using System.Text.RegularExpressions;
using Shipper.Discovery;
using Shipper.Kubernetes.Api;
using Shipper.Native;

namespace Shipper.Kubernetes;

/// <summary>Recognizes the logs of the pod that the agent runs in. kubelet deletes them right after the agent has stopped, if the pod is deleted.</summary>
/// <param name="uid">The uid in the path of the pod's logs; for a static pod, a hash. Null if unknown.</param>
/// <param name="ns">The pod's namespace; null if unknown. Then only the name is compared.</param>
/// <param name="names">Possible names of the pod.</param>
internal sealed partial class OwnPod(string? uid, string? ns, params string?[] names)
{
    private const string NamespaceFile = ApiAccess.ServiceAccountDirectory + "/namespace";
    private const string Mounts = "/proc/self/mountinfo";

    /// <summary>Finds the pod by the downward API (POD_NAME, POD_NAMESPACE), the host name, the service account, and the files that kubelet mounts.</summary>
    public static OwnPod Find() => new(
        ReadUid(TryRead(Mounts) ?? ""),
        Environment.GetEnvironmentVariable("POD_NAMESPACE") is { Length: > 0 } ns ? ns : TryRead(NamespaceFile)?.Trim(),
        Environment.GetEnvironmentVariable("POD_NAME"),
        Environment.GetEnvironmentVariable("HOSTNAME"),
        Environment.MachineName);

    /// <summary>True if a container belongs to the pod.</summary>
    public bool Contains(ContainerName container) =>
        (uid is not null && container.PodUid == uid) || (names.Contains(container.Pod) && (ns is null || container.Namespace == ns));

    /// <summary>Reads the uid from /proc/self/mountinfo: kubelet mounts two files into each container from a directory that is named after the uid.</summary>
    internal static string? ReadUid(string mounts) => PodMount().Match(mounts) is { Success: true } mount ? mount.Groups["uid"].Value : null;

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // Not in a pod, or not mounted: the names decide.
            return null;
        }
    }

    // ID PARENT DEVICE ROOT MOUNTPOINT …, proc_pid_mountinfo(5)
    [GeneratedRegex(@"(?m)^\d+ \d+ \S+ \S*/pods/(?<uid>[0-9a-f-]{32,36})/\S+ /(?:etc/hosts|dev/termination-log) ")]
    private static partial Regex PodMount();
}
