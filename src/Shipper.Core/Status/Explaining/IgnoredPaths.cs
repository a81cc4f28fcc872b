using Shipper.Discovery;
using Shipper.Native;

namespace Shipper.Status.Explaining;

/// <summary>Finds logs that the configured globs leave out. Discovery does not remember them, so the directories are listed for each question.</summary>
internal static class IgnoredPaths
{
    /// <summary>Maximum number of names to look at in one directory.</summary>
    private const int MaxNames = 100_000;

    /// <summary>Returns the paths of logs of a pod that are left out.</summary>
    public static IEnumerable<(ContainerName Container, IgnoredPath Path)> Find(IReadOnlyList<LogLocation> locations, string @namespace, string pod)
    {
        LogLocation[] containers = [.. locations.OfType<ContainerLocation>()];
        foreach (string directory in containers.SelectMany(location => location.Include).Select(glob => glob.Root).Distinct(StringComparer.Ordinal))
        {
            foreach (string path in List(directory))
            {
                // The name alone tells most files from the pod's, without following the link.
                if (!path.Contains(pod, StringComparison.Ordinal) || containers.Any(location => location.IsMatch(path)))
                {
                    continue;
                }

                var container = ContainerName.Parse(path, BrokenLink.FindTarget(path));
                if (container.Namespace == @namespace && container.Pod == pod)
                {
                    yield return (container, new IgnoredPath(path, containers.Select(location => location.FindExclusion(path)).FirstOrDefault(glob => glob is not null)));
                }
            }
        }
    }

    private static IEnumerable<string> List(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFiles(directory).Take(MaxNames)];
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            return [];
        }
    }
}
