using System.Globalization;
using Shipper.Kubernetes.Annotations;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Status.Explaining;

/// <summary>Describes what a pod asks for with annotations.</summary>
internal static class WishText
{
    /// <summary>Returns what is obeyed, in the words of our own annotations; empty if nothing was asked for.</summary>
    public static string Describe(ContainerWishes wishes) =>
        wishes.Stdout.Equals(wishes.Stderr) ? Describe(wishes.Stdout)
        : string.Join("; ", new[] { ("stdout", Describe(wishes.Stdout)), ("stderr", Describe(wishes.Stderr)) }.Where(output => output.Item2.Length > 0).Select(output => $"{output.Item1}: {output.Item2}"));

    private static string Describe(OutputWishes wishes) => string.Join(", ", List(wishes));

    private static IEnumerable<string> List(OutputWishes wishes)
    {
        if (wishes.Exclusion is { } exclusion)
        {
            yield return exclusion.IsExcluded ? $"exclude ({exclusion.Rule})" : $"not excluded ({exclusion.Rule})";
        }

        if (wishes.Multiline is { } multiline)
        {
            yield return multiline.Pattern.Length > 0 ? $"multiline {MultilineNames.Of(multiline)} /{multiline.Pattern}/" : $"multiline {MultilineNames.Of(multiline)}";
        }

        if (wishes.Ansi is { } ansi)
        {
            yield return $"ansi {Lower(ansi)}";
        }

        if (wishes.Level is { } level)
        {
            yield return $"level {Lower(level)}";
        }

        if (wishes.Trace is { } trace)
        {
            yield return $"trace {Lower(trace)}";
        }

        if (wishes.Fields is { Count: > 0 } fields)
        {
            yield return $"fields {string.Join(' ', fields.Select(field => $"{field.Name}={field.Path}"))}";
        }

        foreach (string regex in wishes.Drop ?? new())
        {
            yield return $"drop /{regex}/";
        }

        foreach (string regex in wishes.Include ?? new())
        {
            yield return $"only /{regex}/";
        }

        if (wishes.Sample is { } sample)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"sample {sample}");
        }

        if (wishes.Limit is { } limit)
        {
            yield return limit.BytesPerSecond > 0 ? $"limit {HumanText.Bytes(limit.BytesPerSecond)} per second" : string.Create(CultureInfo.InvariantCulture, $"limit {limit.LinesPerSecond} lines per second");
        }

        if (wishes.Redaction is { } redaction)
        {
            string[] kinds =
            [
                .. redaction.Secrets ? ["secrets"] : (string[])[],
                .. redaction.Personal == PersonalData.None ? [] : Lower(redaction.Personal).Split(", "),
                .. redaction.Patterns.Select(pattern => pattern.Name),
            ];
            yield return $"redact {string.Join(' ', kinds)}";
        }
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
