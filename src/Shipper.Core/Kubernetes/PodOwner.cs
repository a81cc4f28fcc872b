using System.Globalization;
using Shipper.Kubernetes.Api;

namespace Shipper.Kubernetes;

/// <summary>Tells what a pod belongs to, as people see it: the Deployment and not its ReplicaSet, the CronJob and not its Job.</summary>
/// <remarks>From names alone: reading ReplicaSets and Jobs would take a watch of each on every node.</remarks>
internal static class PodOwner
{
    /// <summary>The label with the hash that a Deployment puts at the end of its ReplicaSets' names.</summary>
    public const string TemplateHash = "pod-template-hash";

    /// <summary>
    /// A CronJob names its Jobs by the minutes since 1970: getJobName in pkg/controller/cronjob of Kubernetes. Of 2020; a smaller
    /// number is somebody's own, as a date is (20261231).
    /// </summary>
    private const long FirstMinute = 26_297_280;

    private const int MinMinuteDigits = 8;

    /// <summary>Finds the owner that manages the pod.</summary>
    /// <returns>Its kind and name; nulls where there is none.</returns>
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
