using System.Text.RegularExpressions;

namespace Shipper.Discovery;

/// <summary>The container that a log file belongs to, as derived from the file's name and path.</summary>
/// <param name="Namespace">Namespace of the pod.</param>
/// <param name="Pod">Name of the pod.</param>
/// <param name="Container">Name of the container within the pod.</param>
/// <param name="PodUid">UID of the pod, or the hash of the manifest of a static pod; empty if the path does not contain it.</param>
internal sealed partial record ContainerName(string Namespace, string Pod, string Container, string PodUid)
{
    private const string Unknown = "unknown";

    /// <summary>The key of the container's stream in the checkpoints.</summary>
    public string Key => $"{Namespace}/{Pod}/{Container}";

    /// <summary>
    /// Parses <c>POD_NAMESPACE_CONTAINER-ID.log</c>, the links that kubelet creates in /var/log/containers, and
    /// <c>NAMESPACE_POD_UID/CONTAINER/N.log</c> below /var/log/pods. If neither matches, the unknown parts are "unknown", and the log is sent anyway.
    /// </summary>
    /// <param name="path">The path that matched a glob.</param>
    /// <param name="targets">The paths that <paramref name="path"/> links to: those in between, and the file.</param>
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
            // The link's name is less reliable: kubelet truncates it to 255 bytes, which may cut the ID or the container's name.
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
