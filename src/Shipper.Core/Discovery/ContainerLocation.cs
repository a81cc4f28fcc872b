using Shipper.Discovery.Rotation;
using Shipper.Loki;

namespace Shipper.Discovery;

/// <summary>Identifies the logs of containers. The names and paths of the files show which container wrote them.</summary>
/// <param name="options">Section <c>sources.containers</c>.</param>
/// <param name="createAttributes">Creates the attributes of a container's records from its name and the path of its log.</param>
/// <param name="owners">Decides which log a file belongs to.</param>
internal sealed class ContainerLocation(ContainerSourceOptions options, Func<ContainerName, string, IAttributeSource> createAttributes, FileOwners owners)
    : LogLocation(options.Include, options.Exclude, isOptional: false)
{
    private readonly LogKind _kind = new(LogKind.Container, HasHeaders: true, options.Tailer);

    public override LogFound? Identify(string path, string firstTarget, string resolved, Predicate<string> isKnown)
    {
        // Docker names its files after the container's ID; the link that points to the file has the restart count in its name.
        _ = RotatedLog.TryParseRestart(Path.GetFileName(firstTarget.AsSpan()), out int restart);
        string directory = Path.GetDirectoryName(path) ?? "/";
        Predicate<string> isIncluded = IsIncluded(directory);
        var rotatedLog = RotatedLog.FromFile(resolved, restart, owners, isIncluded);
        if (!rotatedLog.OwnsDirectory)
        {
            if (owners.Find(rotatedLog.Directory, Path.GetFileName(resolved), isKnown, isIncluded) is not { } owner)
            {
                return null;
            }

            if (owner.LogPath != rotatedLog.Path)
            {
                // A rotated file: only the name of the live file shows which container wrote it.
                path = Path.GetFileName(path) == Path.GetFileName(resolved) ? Path.Join(directory, Path.GetFileName(owner.LogPath)) : path;
                resolved = owner.LogPath;
                rotatedLog = RotatedLog.FromFile(resolved, restart, owners, isIncluded);
            }
        }

        return Describe(ContainerName.Parse(path, firstTarget, resolved), rotatedLog);
    }

    public override LogFound? IdentifyDeleted(string key, string logPath)
    {
        var container = ContainerName.Parse(logPath);
        if (container.Key != key)
        {
            // The names of docker's files don't show which container wrote them.
            if (key.Contains(':', StringComparison.Ordinal) || key.Split('/') is not [var ns, var pod, var name])
            {
                return null;
            }

            container = new ContainerName(ns, pod, name, "");
        }

        return Describe(container, RotatedLog.FromFile(logPath, 0, owners));
    }

    private LogFound Describe(ContainerName container, RotatedLog rotatedLog) =>
        new(container.Key, _kind, createAttributes(container, rotatedLog.Path), rotatedLog, container);
}
