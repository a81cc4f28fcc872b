using System.Text.RegularExpressions;

namespace Shipper.Discovery;

/// <summary>The container that a log file belongs to, as its name and path tell.</summary>
/// <param name="Namespace">Namespace of the pod.</param>
/// <param name="Pod">Name of the pod.</param>
/// <param name="Container">Name of the container in it.</param>
/// <param name="PodUid">Uid of the pod, for a static pod the hash of its manifest; empty where the path does not tell.</param>
internal sealed partial record ContainerName(string Namespace, string Pod, string Container, string PodUid)
{
    private const string Unknown = "unknown";

    /// <summary>Identifies the container's stream in the checkpoints.</summary>
    public string Key => $"{Namespace}/{Pod}/{Container}";

    /// <summary>
    /// Reads <c>POD_NAMESPACE_CONTAINER-ID.log</c>, the links that kubelet makes in /var/log/containers, and
    /// <c>NAMESPACE_POD_UID/CONTAINER/N.log</c> below /var/log/pods. What neither tells is "unknown": the logs are sent all the same.
    /// </summary>
    /// <param name="path">The path that was found.</param>
    /// <param name="targets">Where it leads: the file, and what stands between.</param>
    public static ContainerName Parse(string path, params ReadOnlySpan<string> targets)
    {
        Match link = LinkName().Match(Path.GetFileName(path));
        Match pod = PodPath().Match(path);
        foreach (string target in targets)
        {
            pod = pod.Success ? pod : PodPath().Match(target);
        }

        if (pod.Success)
        {
            // Rather than the link's name, which kubelet cuts at 255 bytes: in the middle of the id, or of the container's name.
            return new ContainerName(
                pod.Groups["namespace"].Value, pod.Groups["pod"].Value, pod.Groups["container"].Value, pod.Groups["uid"].Value);
        }

        return link.Success
            ? new ContainerName(link.Groups["namespace"].Value, link.Groups["pod"].Value, link.Groups["container"].Value, "")
            : new ContainerName(Unknown, Path.GetFileNameWithoutExtension(path), Unknown, "");
    }

    [GeneratedRegex("^(?<pod>[^_]+)_(?<namespace>[^_]+)_(?<container>[^_]+?)(?:-[0-9a-f]{12,64})?\\.log$")]
    private static partial Regex LinkName();

    [GeneratedRegex("/(?<namespace>[^_/]+)_(?<pod>[^_/]+)_(?<uid>[^_/]+)/(?<container>[^/]+)/[0-9]+\\.log[^/]*$")]
    private static partial Regex PodPath();
}
