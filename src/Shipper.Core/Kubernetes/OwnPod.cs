using System.Text.RegularExpressions;
using Shipper.Discovery;

namespace Shipper.Kubernetes;

/// <summary>Recognises the logs of the pod that the agent runs in. kubelet deletes them right after the agent has stopped, if the pod is deleted.</summary>
/// <param name="uid">What stands in the path of its logs: its uid, or the hash of a static pod; null if that is not known.</param>
/// <param name="ns">Its namespace; null if that is not known: then the name decides.</param>
/// <param name="names">What may be its name.</param>
internal sealed partial class OwnPod(string? uid, string? ns, params string?[] names)
{
    private const string NamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
    private const string Mounts = "/proc/self/mountinfo";

    /// <summary>Asks the environment: the downward API (POD_NAME, POD_NAMESPACE), the host name, the service account, and what kubelet has mounted.</summary>
    public static OwnPod Find() => new(
        ReadUid(TryRead(Mounts) ?? ""),
        Environment.GetEnvironmentVariable("POD_NAMESPACE") is { Length: > 0 } ns ? ns : TryRead(NamespaceFile)?.Trim(),
        Environment.GetEnvironmentVariable("POD_NAME"),
        Environment.GetEnvironmentVariable("HOSTNAME"),
        Environment.MachineName);

    /// <summary>Tells whether a container is one of the pod.</summary>
    public bool Has(ContainerName container) =>
        (uid is not null && container.PodUid == uid) || (names.Contains(container.Pod) && (ns is null || container.Namespace == ns));

    /// <summary>Reads the uid out of /proc/self/mountinfo: these two files kubelet mounts into each container, from a directory of the pod.</summary>
    internal static string? ReadUid(string mounts) => PodMount().Match(mounts) is { Success: true } mount ? mount.Groups["uid"].Value : null;

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // ID PARENT DEVICE ROOT MOUNTPOINT …, proc_pid_mountinfo(5)
    [GeneratedRegex(@"(?m)^\d+ \d+ \S+ \S*/pods/(?<uid>[0-9a-f-]{32,36})/\S+ /(?:etc/hosts|dev/termination-log) ")]
    private static partial Regex PodMount();
}
