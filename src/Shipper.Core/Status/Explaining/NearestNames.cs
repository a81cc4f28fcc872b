using Shipper.Records;

namespace Shipper.Status.Explaining;

/// <summary>Finds known pods whose names resemble an unknown one.</summary>
internal static class NearestNames
{
    private const int MaxNames = 5;
    private const int MaxDistance = 3;

    /// <summary>Returns up to five names, the most similar first.</summary>
    /// <param name="target"><c>namespace/pod</c>.</param>
    /// <param name="known">The names of the known pods, as <c>namespace/pod</c>.</param>
    public static IReadOnlyList<string> Find(string target, IEnumerable<string> known)
    {
        string pod = target[(target.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return [.. known.Distinct(StringComparer.Ordinal).Select(name => (Name: name, Distance: Distance(target, pod, name))).Where(name => name.Distance <= MaxDistance)
            .OrderBy(name => name.Distance).ThenBy(name => name.Name, StringComparer.Ordinal).Take(MaxNames).Select(name => name.Name)];
    }

    /// <summary>Returns 0 if a name begins with the target, as pods of a deployment do, or if only the namespace differs; otherwise how many letters differ.</summary>
    private static int Distance(string target, string pod, string name)
    {
        string knownPod = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return name.StartsWith(target, StringComparison.OrdinalIgnoreCase) ? 0
            : knownPod.Equals(pod, StringComparison.OrdinalIgnoreCase) || (pod.Length > 2 && knownPod.StartsWith(pod + "-", StringComparison.OrdinalIgnoreCase)) ? 1
            : Spelling.Distance(target, name);
    }
}
