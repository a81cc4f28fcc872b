using Shipper.Records;

namespace Shipper.Processing.Rules;

/// <summary>The parts of a condition that are decided once for a stream: where its records come from.</summary>
internal static class OriginCondition
{
    private const string Container = "container";

    /// <summary>
    /// Returns false if no record of a stream can meet a condition. If true, <see cref="RecordMatcher"/> decides each record. A part about something that the
    /// source does not have never holds: a unit has no namespace, and only containers have outputs.
    /// </summary>
    public static bool CanHold(WhenOptions when, RecordOrigin origin) =>
        (when.Source.Count == 0 || when.Source.Contains(origin.Source, StringComparer.Ordinal))
        && (when.Stream.Count == 0 || origin.Source == Container)
        && MatchesAny(when.Namespace, origin.Namespace)
        && MatchesAny(when.Pod, origin.Pod)
        && MatchesAny(when.Container, origin.Container)
        && MatchesAny(when.Unit, origin.Unit)
        && MatchesAny(when.Filename, origin.Filename);

    private static bool MatchesAny(List<string> globs, string name) =>
        globs.Count == 0 || (name.Length > 0 && globs.Exists(glob => new NameGlob(glob).IsMatch(name)));
}
