using System.Globalization;
using Shipper.Kubernetes.Api;

namespace Shipper.Kubernetes;

/// <summary>Finds the owner of a pod that people know: the Deployment instead of its ReplicaSet, the CronJob instead of its Job.</summary>
/// <remarks>Only names are used: to read ReplicaSets and Jobs, every node would need a watch of both.</remarks>
internal static class PodOwner
{
    /// <summary>The label with the hash that a Deployment puts at the end of its ReplicaSets' names.</summary>
    public const string TemplateHashLabel = "pod-template-hash";

    /// <summary>
    /// The first minute of 2020. A CronJob appends the minutes since 1970 to the names of its Jobs (getJobName in pkg/controller/cronjob of
    /// Kubernetes). A smaller number was not added by a CronJob: it may be a date such as 20261231.
    /// </summary>
    private const long FirstMinute = 26_297_280;

    private const int MinMinuteDigits = 8;

    /// <summary>Finds the owner that manages the pod.</summary>
    /// <returns>The owner's kind and name; nulls if there is no owner.</returns>
    public static (string? Kind, string? Name) Find(IEnumerable<OwnerReference>? owners, string? templateHash)
    {
        OwnerReference? owner = owners?.FirstOrDefault(owner => owner is { Controller: true, Kind.Length: > 0, Name.Length: > 0 });
        if (owner is null)
        {
            return (null, null);
        }

        string name = owner.Name!;
        if (owner.Kind == "ReplicaSet"
            && templateHash is { Length: > 0 }
            && name.Length > templateHash.Length + 1
            && name.EndsWith($"-{templateHash}", StringComparison.Ordinal))
        {
            return ("Deployment", name[..^(templateHash.Length + 1)]);
        }

        if (owner.Kind == "Job" && name.LastIndexOf('-') is > 0 and int dash)
        {
            string digits = name[(dash + 1)..];
            if (digits.Length >= MinMinuteDigits
                && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long minute)
                && minute >= FirstMinute)
            {
                return ("CronJob", name[..dash]);
            }
        }

        return (owner.Kind, name);
    }
}
