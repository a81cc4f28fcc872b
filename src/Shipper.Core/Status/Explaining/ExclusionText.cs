namespace Shipper.Status.Explaining;

/// <summary>Says what to do about an exclusion.</summary>
internal static class ExclusionText
{
    /// <summary>Returns what to do so that the log is read.</summary>
    /// <param name="rule">What excludes the log: the key of the configuration, or the annotation.</param>
    public static string Remedy(string rule) => rule switch
    {
        "kubernetes.namespaces.include" => "Add the namespace to kubernetes.namespaces.include.",
        "kubernetes.namespaces.exclude" => "Remove the namespace from kubernetes.namespaces.exclude.",
        _ when rule.StartsWith("the last known", StringComparison.Ordinal) => "The agent decides again when it reaches the API server.",
        _ => $"Remove the {rule} from the pod or its namespace.",
    };
}
