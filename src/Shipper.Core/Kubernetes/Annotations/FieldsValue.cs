using System.Collections.Frozen;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses <c>user=user.id,order=order.number</c>: names of structured metadata, and paths in a JSON or logfmt line.</summary>
internal static class FieldsValue
{
    private const int MaxFields = 16;
    private const int MaxNameChars = 64;
    private const int MaxPathChars = 256;

    /// <summary>
    /// Names that say where a record comes from, or what the agent did with it: a pod must not appear to write them. <c>cluster</c> and others are labels of
    /// the stream, and so is <c>service_name</c>, which Loki adds; Loki would show the pod's value beside the label.
    /// </summary>
    private static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(
        [
            "cluster", "environment", "namespace", "pod", "container", "node", "filename", "job", "unit", "stream", "truncated_bytes", "original_timestamp",
            "detected_level", "service_name",
        ],
        StringComparer.OrdinalIgnoreCase);

    public static OutputWishes? Parse(string value, string rule, out string problem)
    {
        problem = $"must be at most {MaxFields} pairs NAME=PATH with commas between them, such as user=user.id,order=order.number";
        string[] pairs = value.Split(',', StringSplitOptions.TrimEntries);
        if (pairs.Length > MaxFields)
        {
            return null;
        }

        var fields = new List<WishedField>();
        foreach (string pair in pairs)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                return null;
            }

            string name = pair[..equals].TrimEnd();
            string path = pair[(equals + 1)..].TrimStart();
            if (Reserved.Contains(name))
            {
                problem = $"must not have the name {name.ToLowerInvariant()}, which the agent sets";
                return null;
            }

            if (!IsName(name) || path.Length is 0 or > MaxPathChars || path.Any(char.IsControl) || fields.Exists(field => field.Name == name))
            {
                return null;
            }

            fields.Add(new WishedField(name, path));
        }

        return new OutputWishes { Fields = new([.. fields]) };
    }

    /// <summary>True for a valid name of a label in Loki. Names with two underscores in front are Loki's own.</summary>
    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameChars
        && !char.IsAsciiDigit(name[0]) && !name.StartsWith("__", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
